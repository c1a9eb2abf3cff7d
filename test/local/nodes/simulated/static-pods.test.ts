import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { SimulatedCluster, SimulatedNode } from '../../../../local/nodes/simulated';
import { DAY, ETCDCTL, READYZ, output, served, sh, startCluster, until } from './helpers';

let cluster: SimulatedCluster;
let node: SimulatedNode;
let end: () => Promise<void>;

async function start(options: Parameters<typeof startCluster>[0]) {
  ({ cluster, end } = await startCluster(options));
  node = cluster.node('cp-1');
}
afterEach(() => end());

const podOf = (component: string) =>
  `crictl pods --namespace kube-system --name '^${component}-' --label component=${component} -q`;
const containerOf = (component: string) => `crictl ps --name '^${component}$' --state Running -q`;
const restart = (component: string) => `crictl rmp -f "$(${podOf(component)})"`;

test('crictl rmp -f brings a new container that serves the renewed certificate; without it the old one stays', async () => {
  // For the look at the API server that is gone.
  await start({ timing: { recreateMs: 3000 } });
  const before = await output(node, containerOf('kube-apiserver'));
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  const old = await output(node, served(6443));
  await output(node, 'kubeadm certs renew all');
  expect(await output(node, served(6443))).toBe(old);
  await output(node, restart('kube-apiserver'));
  expect((await sh(node, READYZ)).exitCode).toBe(7);
  await until('a new container', async () => !['', before].includes(await output(node, containerOf('kube-apiserver'))));
  expect(await output(node, served(6443))).toBe(
    await output(node, 'openssl x509 -noout -serial -in "$NODE_ROOT/etc/kubernetes/pki/apiserver.crt"'),
  );
  expect(await output(node, READYZ)).toBe('200');
});

test('controller-manager and scheduler sign for themselves at each start', async () => {
  await start({});
  const before = await output(node, served(10257));
  await output(node, restart('kube-controller-manager'));
  await until('another certificate', async () => {
    const { stdout } = await sh(node, served(10257));
    return stdout.includes('serial=') && stdout.trim() !== before;
  });
  expect(await output(node, 'curl -sk https://127.0.0.1:10257/healthz')).toBe('ok');
  expect(await output(node, 'curl -sk https://127.0.0.1:10259/healthz')).toBe('ok');
});

test('a manifest that is moved away ends its container; moved back it starts another', async () => {
  await start({});
  const before = node.containers['kube-scheduler'];
  await output(node, 'mv "$NODE_ROOT/etc/kubernetes/manifests/kube-scheduler.yaml" "$NODE_ROOT/etc/kubernetes/"');
  await until('gone', async () => (await output(node, 'crictl ps -a --name kube-scheduler -q')) === '');
  await output(node, 'mv "$NODE_ROOT/etc/kubernetes/kube-scheduler.yaml" "$NODE_ROOT/etc/kubernetes/manifests/"');
  await until('back', () => Boolean(node.containers['kube-scheduler']));
  expect(node.containers['kube-scheduler']).not.toBe(before);
});

test('without a kubelet nothing comes back; with it, it does', async () => {
  await start({});
  await output(node, `systemctl stop kubelet; ${restart('kube-scheduler')}`);
  expect(await sh(node, 'systemctl is-active kubelet')).toMatchObject({ exitCode: 3, stdout: 'inactive\n' });
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(await output(node, containerOf('kube-scheduler'))).toBe('');
  await output(node, 'systemctl start kubelet');
  await until('back', () => Boolean(node.containers['kube-scheduler']));
});

test('without containerd crictl fails as it does, and containers go on', async () => {
  await start({});
  expect(await sh(node, 'systemctl stop containerd; crictl ps')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('dial unix /run/containerd/containerd.sock: connect: no such file or directory'),
  });
  expect(await output(node, READYZ)).toBe('200');
});

test('etcdctl tells members, leader and health as etcd 3.6 and 3.5 do', async () => {
  await start({ controlPlanes: 3 });
  cluster.etcd.moveLeader('cp-2');
  const [, cp2] = cluster.etcd.members;
  expect((await output(node, `${ETCDCTL} member list`)).split('\n')[1]).toBe(
    `${cp2!.id}, started, cp-2, https://10.0.1.12:2380, https://10.0.1.12:2379, false`,
  );
  const fields = await output(node, `${ETCDCTL} endpoint status -w fields`);
  expect(fields).toContain(`"Leader" : ${BigInt(`0x${cp2!.id}`)}\n`);
  expect(fields).toContain(`"MemberID" : ${BigInt(`0x${cluster.etcd.members[0]!.id}`)}\n`);
  expect(await output(node, `${ETCDCTL} endpoint status`)).toMatch(/, 3\.6\.8, 3\.6\.0, .*, false, false, \d+, /);
  const [status] = JSON.parse(await output(node, `${ETCDCTL} endpoint status -w json`));
  expect(status.Status.version).toBe('3.6.8');
  await cluster.node('cp-3').powerOff();
  const health = await sh(node, `${ETCDCTL} endpoint health --cluster`);
  expect(health.stdout.match(/ is healthy: successfully committed proposal: took = /g)).toHaveLength(2);
  expect(health.stderr).toContain(
    'https://10.0.1.13:2379 is unhealthy: failed to commit proposal: context deadline exceeded',
  );
  expect(health.exitCode).toBe(1);
});

test('etcd without a majority has no leader, and the API server is not ready', async () => {
  await start({ controlPlanes: 3 });
  await cluster.node('cp-2').powerOff();
  expect(await output(node, READYZ)).toBe('200');
  await cluster.node('cp-3').powerOff();
  expect(await output(node, 'curl -sk https://127.0.0.1:6443/readyz')).toMatch(/^\[-\]etcd failed: reason withheld$/m);
  expect((await sh(node, `${ETCDCTL} member list`)).stderr).toContain('Error: context deadline exceeded');
  await cluster.node('cp-2').powerOn();
  await until('ready again', async () => (await output(node, READYZ)) === '200');
});

test.each(['apiserver-etcd-client', 'etcd-server', 'etcd-peer'])(
  'with %s expired the API server is not ready',
  async (name) => {
    await start({
      controlPlanes: 3,
      validity: (_node, certificate) => (certificate === name ? { notAfter: -DAY } : undefined),
    });
    expect(await output(node, READYZ)).toBe('500');
  },
);

test('an expired cluster lives again after renewal and restart on a majority', async () => {
  await start({
    controlPlanes: 3,
    validity: (_node, certificate) => (certificate.startsWith('kubelet') ? undefined : { notAfter: -DAY }),
  });
  expect(await sh(node, 'kubectl --kubeconfig=/etc/kubernetes/admin.conf get nodes')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(
      'Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    ),
  });
  for (const name of ['cp-1', 'cp-2']) {
    await output(cluster.node(name), `kubeadm certs renew all; ${restart('etcd')}; ${restart('kube-apiserver')}`);
  }
  await until('ready', async () => (await sh(node, READYZ)).stdout === '200');
  expect(await sh(cluster.node('cp-3'), READYZ)).toMatchObject({ stdout: '500' });
});

test('an expired client certificate is Unauthorized; an unknown component stays away when a fault says so', async () => {
  await start({ validity: (_node, name) => (name === 'admin.conf' ? { notAfter: -DAY } : undefined) });
  expect(await sh(node, 'kubectl --kubeconfig=/etc/kubernetes/admin.conf get nodes')).toMatchObject({
    exitCode: 1,
    stderr: 'error: You must be logged in to the server (Unauthorized)\n',
  });
  node.addComponentFault('kube-scheduler', 'never-starts');
  await output(node, restart('kube-scheduler'));
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(await output(node, containerOf('kube-scheduler'))).toBe('');
});

test('a kubelet with an expired client certificate does not come back from a restart', async () => {
  await start({ validity: (_node, name) => (name === 'kubelet-client' ? { notAfter: -DAY } : undefined) });
  expect(await sh(node, 'systemctl restart kubelet; systemctl is-active kubelet')).toMatchObject({
    exitCode: 3,
    stdout: 'activating\n',
  });
});

test('a container whose certificate and key do not fit exits and is tried again', async () => {
  await start({});
  writeFileSync(join(node.root, 'etc/kubernetes/pki/apiserver.key'), 'no key\n');
  await output(node, restart('kube-apiserver'));
  await until(
    'exited',
    async () => (await output(node, "crictl ps -a --state Exited --name '^kube-apiserver$' -q")) !== '',
  );
  await output(node, 'kubeadm certs renew apiserver');
  await until('ready', async () => (await sh(node, READYZ)).stdout === '200');
});

test('with reloads the API server serves a renewed certificate by itself', async () => {
  await start({ reloads: { apiServerSeconds: 0.1 } });
  const before = await output(node, served(6443));
  await output(node, 'kubeadm certs renew apiserver');
  await until('another certificate', async () => (await output(node, served(6443))) !== before);
});

test('a client that goes away in the middle of its request leaves the API server as it was', async () => {
  await start({ controlPlanes: 1 });
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  try {
    const port = cluster.addresses.portOf(`${node.privateIp}:6443`)!;
    const client = connect({ port, rejectUnauthorized: false });
    await once(client, 'secureConnect');
    client.write('POST /api/v1/namespaces/kube-system/secrets HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await output(node, READYZ)).toBe('200');
    expect(unhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
});
