import type { SimulatedCluster } from '../../local/nodes/simulated';
import { replaceCa, serials, onDisk, served } from './helpers/openssl';
import { DAY, World } from './helpers/world';
import type { ClusterOptions, Loose } from './helpers/world';

let world: World;
let clusters: SimulatedCluster[] = [];
beforeAll(async () => {
  world = await World.start();
});
/** Ended after each test: many at once would cost each other time. */
afterEach(async () => {
  world.onCall = undefined;
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  clusters = [];
});
afterAll(() => world?.stop());

async function clusterOf(name: string, options?: ClusterOptions): Promise<SimulatedCluster> {
  const cluster = await world.cluster(name, options);
  clusters.push(cluster);
  return cluster;
}

/** Its report; the check only looks. */
async function check(cluster: string): Promise<Loose> {
  return (await world.runWell('check-certificates', { cluster, renew: false })).output;
}

const kinds = (report: Loose): string[] => [...new Set<string>(report.findings.map(({ kind }: Loose) => kind))].sort();

test('the API server is dead: everything on disk is told, and that nobody listens', async () => {
  await clusterOf('dead-api', { prepare: (it) => it.node('cp-1').addComponentFault('kube-apiserver', 'never-starts') });
  const report = await check('dead-api');
  expect(report).toMatchObject({ nodesChecked: 1, next: 'notify' });
  expect(report.findings).toContainEqual(
    expect.objectContaining({ kind: 'not-listening', node: 'cp-1', certificate: 'apiserver' }),
  );
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', certificate: 'etcd-server' }));
});

test('kubeadm is missing: openssl alone tells, and the renewal refuses before anything has changed', async () => {
  const cluster = await clusterOf('no-kubeadm', { kubeadm: false });
  const report = await check('no-kubeadm');
  expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'expiring', certificate: 'apiserver' }));
  expect(report.notes.join(' ')).toMatch(/cp-1.*kubeadm/);
  const had = serials(onDisk(cluster.node('cp-1')));
  const ended = await world.run('renew-certificates', { cluster: 'no-kubeadm' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(ended.cause).toMatch(/cp-1/);
  expect(ended.cause).toMatch(/kubeadm does not tell its version. Install the kubeadm/);
  expect(serials(onDisk(cluster.node('cp-1')))).toEqual(had);
  expect(await world.lockHolder('no-kubeadm')).toBeUndefined();
});

test('kubeadm 1.29: checked and renewed like any other', async () => {
  const cluster = await clusterOf('old-kubeadm', { kubernetesVersion: 'v1.29.15' });
  const had = serials(onDisk(cluster.node('cp-1')));
  const { output } = await world.runWell('check-certificates', { cluster: 'old-kubeadm' });
  expect(output.next).toBe('renew');
  await world.succeeded(output.nextExecutionArn);
  for (const [file, serial] of Object.entries(serials(onDisk(cluster.node('cp-1')))))
    expect(`${file} ${serial}`).not.toBe(`${file} ${had[file]}`);
});

test('external CA: a person is told, and the renewal refuses with the reason', async () => {
  const cluster = await clusterOf('external-ca', { externalCas: ['ca', 'etcd-ca', 'front-proxy-ca'] });
  const { output } = await world.runWell('check-certificates', { cluster: 'external-ca' });
  expect(output.next).toBe('notify');
  expect(output.nextExecutionArn).toBeUndefined();
  const had = serials(onDisk(cluster.node('cp-1')));
  const ended = await world.run('renew-certificates', { cluster: 'external-ca' });
  expect(ended).toMatchObject({
    status: 'FAILED',
    error: 'GateRefused',
    cause: expect.stringContaining('external CA'),
  });
  expect(serials(onDisk(cluster.node('cp-1')))).toEqual(had);
});

test('a CA replaced under the same name: a person is told, no renewal starts by itself, and none is let through', async () => {
  const cluster = await clusterOf('replaced-ca');
  replaceCa(cluster.node('cp-1'));
  const { output } = await world.runWell('check-certificates', { cluster: 'replaced-ca' });
  expect(output.next).toBe('notify');
  expect(output.nextExecutionArn).toBeUndefined();
  expect(kinds(output)).toContain('signed-by-another-ca');
  const had = serials(onDisk(cluster.node('cp-1')));
  const ended = await world.run('renew-certificates', { cluster: 'replaced-ca' });
  expect(ended).toMatchObject({
    status: 'FAILED',
    error: 'GateRefused',
    cause: expect.stringContaining('Signed by another CA'),
  });
  expect(serials(onDisk(cluster.node('cp-1')))).toEqual(had);
});

test('etcd on nodes of its own: checked, and renewed before the control plane', async () => {
  const cluster = await clusterOf('own-etcd', { etcdNodes: 1 });
  const report = await check('own-etcd');
  expect(report.nodesChecked).toBe(2);
  expect(report.findings).toContainEqual(
    expect.objectContaining({ node: 'etcd-1', certificate: 'etcd-server', renewable: true }),
  );
  const had = serials(onDisk(cluster.node('etcd-1')));
  const since = world.calls.length;
  const { output } = await world.runWell('renew-certificates', { cluster: 'own-etcd' });
  expect(output.renewedNodes).toEqual(['cp-1']);
  const renewed = world.sent(since).filter((command) => command.startsWith('renew-certificates'));
  expect(renewed).toEqual(['renew-certificates to etcd-1', 'renew-certificates to cp-1']);
  const has = serials(onDisk(cluster.node('etcd-1')));
  const leaves = Object.keys(had).filter((name) => !name.endsWith('ca'));
  expect(leaves).toContain('etcd/server');
  for (const name of leaves) expect(has[name]).not.toBe(had[name]);
});

test('renewed by hand and never restarted: a finding, and the renewal makes it served', async () => {
  const cluster = await clusterOf('by-hand', { leafSeconds: 200 * DAY });
  const node = cluster.node('cp-1');
  const { exitCode } = await node.run({
    script: '#!/bin/bash\nkubeadm certs renew apiserver\n',
    env: {},
    timeLimitSeconds: 60,
  });
  expect(exitCode).toBe(0);
  const byHand = onDisk(node)['apiserver']!.serial;
  expect((await served(cluster, node, 6443)).serial).not.toBe(byHand);

  const { output } = await world.runWell('check-certificates', { cluster: 'by-hand' });
  expect(kinds(output)).toEqual(['not-served']);
  expect(output.next).toBe('renew');
  await world.succeeded(output.nextExecutionArn);
  expect((await served(cluster, node, 6443)).serial).toBe(onDisk(node)['apiserver']!.serial);
  expect(kinds(await check('by-hand'))).toEqual([]);
});
