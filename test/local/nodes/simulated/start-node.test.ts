import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDemoCluster } from '../../../../local/nodes/simulated';
import { output, sh } from './helpers';

const START = join(__dirname, '../../../../local/nodes/simulated/start-node.ts');

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'start-node-'));
}

test('start-node prints assignments and ready, and SIGTERM ends everything', async () => {
  const folder = newFolder();
  const child = spawn(process.execPath, [
    '--import',
    'tsx',
    START,
    folder,
    '--control-planes',
    '2',
    '--expired',
    'cp-2:scheduler.conf',
  ]);
  let text = '';
  await new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      if (/^ready$/m.test(text)) resolve();
    }),
  );
  expect(text).toContain(`CP_1_ROOT='${folder}/cp-1'\nCP_1_PATH='${folder}/cp-1/usr/bin:`);
  const check = spawn('bash', [
    '-c',
    `${text.replace(/^ready$/m, '')}\nNODE_ROOT=$CP_2_ROOT PATH=$CP_2_PATH kubeadm certs check-expiration`,
  ]);
  let table = '';
  check.stdout.on('data', (chunk: Buffer) => (table += chunk));
  await new Promise((resolve) => check.on('close', resolve));
  expect(table).toMatch(/^scheduler\.conf .*<invalid>/m);
  expect(table).toMatch(/^apiserver .*364d/m);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

test('the demo cluster: three control planes, two workers, 12 days, one certificate expired', async () => {
  const folder = newFolder();
  const cluster = await createDemoCluster(folder);
  await cluster.start();
  try {
    expect(cluster.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'cp-1 control-plane',
      'cp-2 control-plane',
      'cp-3 control-plane',
      'worker-1 worker',
      'worker-2 worker',
    ]);
    expect(cluster.node('cp-1').tags).toEqual({
      'kubeadm-autopilot:cluster': 'demo',
      'kubeadm-autopilot:role': 'control-plane',
    });
    const ends = JSON.parse(await output(cluster.node('cp-2'), 'kubeadm certs check-expiration -o json'));
    const days = Object.fromEntries(
      ends.certificates.map(({ name, residualTime }: { name: string; residualTime: number }) => [
        name,
        residualTime / 86400,
      ]),
    );
    expect(days.apiserver).toBeCloseTo(12, 1);
    expect(days['scheduler.conf']).toBeLessThan(0);
    const client =
      'openssl x509 -noout -checkend 7776000 -in "$NODE_ROOT/var/lib/kubelet/pki/kubelet-client-current.pem"';
    for (const node of cluster.nodes) expect((await sh(node, client)).exitCode).toBe(0);
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
