import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { expectNoSecret } from './helpers/no-secret';
import { onDisk, serials } from './helpers/openssl';
import { deadCluster, expectWhole, letTheTokenAge, notReady, secretsLeft } from './helpers/repair';
import { World } from './helpers/world';
import type { ClusterOptions, Ended } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

const dead = (options?: ClusterOptions): Promise<SimulatedCluster> => deadCluster(world, options);
const renew = (cluster: SimulatedCluster, input: object = {}): Promise<Ended> =>
  world.run('renew-certificates', { cluster: cluster.name, ...input });
test('check-certificates says that the cluster is dead, and one start repairs it', async () => {
  const cluster = await dead({ workers: 2 });
  const check = await world.runWell('check-certificates', { cluster: cluster.name });
  expect(check.output).toMatchObject({ dead: true, next: 'renew', notify: true });
  expect(world.aws.published().map(({ subject }) => subject)).toContainEqual(
    expect.stringMatching(new RegExp(`^${cluster.name}: DEAD, `)),
  );

  const repair = await world.end(check.output.nextExecutionArn);
  expectWhole(cluster, repair);
  expect(repair.output).toMatchObject({ plan: { kind: 'repair', steps: [{}, {}, {}] } });
  expect(repair.output.summary).toContain(
    'is repaired: 5 of 5 kubelets got a new certificate or were started, 5 of 5 nodes are Ready.',
  );
  await expectNoSecret(world, [check.arn, repair.arn]);
  expect(secretsLeft(world, cluster)).toEqual([]);
  expect(await world.lockHolder(cluster.name)).toBeUndefined();

  // Each part on all control planes before the next, workers' kubelets before control planes'.
  const all = 'cp-1, cp-2, cp-3';
  expect(world.sent()).toEqual([
    `check-certificates to ${all}`,
    `inspect-control-plane to ${all}`,
    `renew-certificates to ${all}`,
    `rejoin-kubelet to ${all}`,
    `renew-certificates to ${all}`,
    `renew-certificates to ${all}`,
    `renew-certificates to ${all}`,
    'bootstrap-token to cp-1',
    'rejoin-kubelet to worker-1, worker-2',
    `rejoin-kubelet to ${all}`,
    'bootstrap-token to cp-1',
    'wait-for-nodes to cp-1',
    `inspect-control-plane to ${all}`,
  ]);

  // Started again, there is nothing to do.
  expect((await renew(cluster)).output).toMatchObject({ plan: { kind: 'renewal', decision: 'nothing' } });
});

test('the plan alone changes nothing and makes no secret', async () => {
  const cluster = await dead();
  const since = world.calls.length;
  const { output } = await renew(cluster, { planOnly: true });
  expect(output).toMatchObject({ plan: { kind: 'repair', decision: 'act' } });
  expect(output.summary).toContain(
    `${cluster.name} is dead, because certificates of cp-1, cp-2 and cp-3 have expired.`,
  );
  expect(world.sent(since)).toEqual(['inspect-control-plane to cp-1, cp-2, cp-3']);
  expect(world.calls.slice(since).filter(({ action }) => action === 'PutParameter')).toEqual([]);
});

test('a control plane that is gone for good is left out, and the others come back', async () => {
  const cluster = await dead({ workers: 0 });
  await cluster.node('cp-2').powerOff();
  const ended = await renew(cluster);
  expect(`${ended.status} ${ended.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  expect(ended.output.plan.summary).toContain('cp-2 did not answer and is left out.');
  expect(ended.output.summary).toContain('2 of 3 nodes are Ready.');
  expect(notReady(cluster)).toEqual(['cp-2']);
});

test('one control plane alone, on which no check has saved the ClusterConfiguration: renewed as kubeadm does without one', async () => {
  const cluster = await dead({ controlPlanes: 1, workers: 0, checkedBefore: false });
  expectWhole(cluster, await renew(cluster));
  const key = readFileSync(join(cluster.node('cp-1').root, 'etc/kubernetes/pki/apiserver.key'), 'utf8');
  expect(key).toContain('BEGIN RSA PRIVATE KEY');
});

test('"kubelets": true lets a worker rejoin that was off for too long, and touches no control plane', async () => {
  const cluster = await world.cluster('late-worker', {
    controlPlanes: 1,
    workers: 1,
    validity: (node, certificate) =>
      node === 'worker-1' && certificate === 'kubelet-client' ? { notAfter: -3600 } : { notAfter: 365 * 24 * 3600 },
  });
  expect(notReady(cluster)).toEqual(['worker-1']);
  const before = serials(onDisk(cluster.node('cp-1')));
  const containers = cluster.node('cp-1').containers;
  expectWhole(cluster, await renew(cluster, { kubelets: true }));
  expect(serials(onDisk(cluster.node('cp-1')))).toEqual(before);
  expect(cluster.node('cp-1').containers).toEqual(containers);
});

test('a worker that fails is named, the others rejoin, and started for the kubelets alone it comes back', async () => {
  const cluster = await dead({ controlPlanes: 1, workers: 2 });
  cluster.node('worker-2').addFault({ tool: 'curl', action: 7, call: 1 });
  const ended = await renew(cluster);
  expect(`${ended.error}: ${ended.cause}`).toMatch(/^RenewalNotProven: .*worker-2/);
  expect(notReady(cluster)).toEqual(['worker-2']);
  expectWhole(cluster, await renew(cluster, { kubelets: true }));
});

describe('control planes that were off for longer than a kubelet’s certificate lives: nothing of them starts', () => {
  const lockedOut = (...nodes: string[]) =>
    world.cluster(`locked-out-${nodes.length}`, {
      controlPlanes: 3,
      validity: (node, certificate) =>
        nodes.includes(node) && certificate === 'kubelet-client' ? { notAfter: -3600 } : { notAfter: 365 * 24 * 3600 },
    });

  test('all of them', async () => {
    const cluster = await lockedOut('cp-1', 'cp-2', 'cp-3');
    expect(cluster.node('cp-1').containers).toEqual({});
    expectWhole(cluster, await renew(cluster));
  });

  test('the first one: another speaks for all until it is back', async () => {
    const cluster = await lockedOut('cp-1');
    expect(notReady(cluster)).toEqual(['cp-1']);
    expectWhole(cluster, await renew(cluster));
  });
});

test('a node object that nobody stands behind any more does not make a failure of the repair', async () => {
  const cluster = await dead({ controlPlanes: 1, workers: 1 });
  await cluster.node('worker-1').powerOff();
  const ended = await renew(cluster);
  expect(`${ended.status} ${ended.cause ?? ''}`.trim()).toBe('SUCCEEDED');
  expect(ended.output.summary).toContain('Not Ready: worker-1; see "A dead cluster" in the runbook.');
  const told = world.aws.published().find(({ subject }) => subject?.startsWith(`${cluster.name}: repaired`));
  expect(told!.subject).toBe(`${cluster.name}: repaired, 1 of 2 nodes Ready`);
  expect(told!.message).not.toContain('Load balancer');
});

test('workers took so long that the token is about to end: it is made to last longer before the control planes use it', async () => {
  const cluster = await dead({ controlPlanes: 1, workers: 1 });
  const since = world.calls.length;
  letTheTokenAge(world);
  expectWhole(cluster, await renew(cluster).finally(() => (world.onCall = undefined)));
  expect(world.sent(since).slice(-7, -2)).toEqual([
    'bootstrap-token to cp-1',
    'rejoin-kubelet to worker-1',
    'bootstrap-token to cp-1',
    'rejoin-kubelet to cp-1',
    'bootstrap-token to cp-1',
  ]);
});
