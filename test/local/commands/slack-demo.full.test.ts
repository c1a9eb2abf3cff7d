import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

test('npm start -- --slack plays the whole conversation, writes the page and leaves nothing behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slack-demo-'));
  const page = join(folder, 'page.html');
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'local/commands/demo.ts', '--slack', '--page', page],
      { cwd: resolve(__dirname, '../../..'), env: { ...process.env, TMPDIR: folder, NO_COLOR: '1' }, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('refused (403): People of other workspaces are not heard here.');
    expect(stdout).toContain('refused (401): The signature or its time is not valid.');
    expect(stdout).toContain('You may not do this here (start renew-certificates)');
    expect(stdout).toMatch(/✔ renew-certificates of demo is done, after /);
    expect(stdout).toMatch(/Cost: \$0\.\d{4} at AWS list prices/);
    expect(readFileSync(page, 'utf8')).toContain('<li class="complete">cp-1');
    expect(readdirSync(folder).filter((name) => name.startsWith('kubeadm-autopilot-'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
