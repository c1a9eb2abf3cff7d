import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster } from '../../local/nodes/simulated';
import { expectNoSecret } from './helpers/no-secret';
import { deadCluster, expectWhole, notReady, secretsLeft } from './helpers/repair';
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
    `refresh-kubeconfigs to ${all}`,
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

test('one control plane alone, on which no check has saved the ClusterConfiguration: renewed as kubeadm does without one', async () => {
  const cluster = await dead({ controlPlanes: 1, workers: 0, checkedBefore: false });
  expectWhole(cluster, await renew(cluster));
  const key = readFileSync(join(cluster.node('cp-1').root, 'etc/kubernetes/pki/apiserver.key'), 'utf8');
  expect(key).toContain('BEGIN RSA PRIVATE KEY');
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
