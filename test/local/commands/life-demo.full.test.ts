import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

test.each([
  ['create', ['worker-3 is launched.', /^create-cluster of demo {2}succeeded/m, /^join-node of demo {2}succeeded/m]],
  ['upgrade', ['demo: 1.36.3 → 1.37.2', 'About 18 minutes', /^upgrade of demo {2}succeeded/m]],
  ['reconfigure', ['+ audit-log-maxage=30', /^reconfigure of demo {2}succeeded/m]],
  ['destroy', []],
])('npm start -- %s plays that part to its end and leaves nothing behind', (part, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'life-demo-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'local/commands/demo.ts', part],
      { cwd: resolve(__dirname, '../../..'), env: { ...process.env, TMPDIR: folder, NO_COLOR: '1' }, encoding: 'utf8' },
    );
    if (part === 'destroy') {
      expect(status).toBe(1);
      expect(stderr).toContain(
        "'destroy' is invalid for argument 'part'. Allowed choices are create, upgrade, reconfigure.",
      );
      return;
    }
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const text of expected) expect(stdout).toMatch(text);
    expect(readdirSync(folder).filter((name) => name.startsWith('kubeadm-autopilot-'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
