import { GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { targetGroupArn } from '../../local/services/elastic-load-balancing/target-groups';
import { expectNoSecret } from './helpers/no-secret';
import { once } from './helpers/scripted';
import { World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());
afterEach(() => {
  expect(world.problems).toEqual([]);
});

/** A cluster in which these machines are no nodes yet. */
function clusterWithout(name: string, bare: string[], options: Parameters<World['scriptedCluster']>[1] = {}) {
  const cluster = world.scriptedCluster(name, options);
  for (const one of bare) Object.assign(cluster.node(one), { membership: 'none', prepared: false });
  return cluster;
}

const join = (cluster: ScriptedCluster, ...nodes: string[]) =>
  world.run('join-node', { cluster: cluster.name, nodes: nodes.map((name) => cluster.node(name).instanceId) });

async function expectNothingLeft({ name, knowsToken }: ScriptedCluster): Promise<void> {
  const path = `/kubeadm-autopilot/secrets/${name}`;
  const { Parameters: left } = await world.ssm.send(new GetParametersByPathCommand({ Path: path }));
  expect({ knowsToken, left, lock: await world.lockHolder(name) }).toEqual({
    knowsToken: false,
    left: [],
    lock: undefined,
  });
}

test('a worker joins a cluster that others made', async () => {
  const cluster = clusterWithout('grows', ['worker-2'], { controlPlanes: 3, workers: 2 });
  const [since, events] = [world.calls.length, world.events.length];
  const ended = await join(cluster, 'worker-2');
  expect(ended).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      outcome: 'joined',
      plan: { operation: 'join-node', kind: 'join', first: { name: 'cp-1' }, workers: [{ name: 'worker-2' }] },
    },
  });
  expect(ended.output.summary).toMatch(
    /^worker-2 is a Ready node of grows with Kubernetes 1\.\d+\.\d+: pods reach those of the other nodes, and the cluster's DNS answers\.$/,
  );
  expect(world.sent(since)).toEqual([
    'preflight to cp-1, cp-2, cp-3, worker-2',
    'prepare-node to worker-2',
    'prepare-join to cp-1',
    'join-node to worker-2',
    'prepare-join to cp-1',
    'wait-for-nodes to cp-1',
    'probe-pods to cp-1',
    'check-pod-network to cp-1, worker-2',
    'probe-pods to cp-1',
    'check-cluster-dns to worker-2',
  ]);
  expect(world.onBus(events)).toContainEqual([
    'Nodes Joined',
    expect.objectContaining({ cluster: 'grows', nodes: [expect.objectContaining({ name: 'worker-2' })] }),
  ]);
  expect(cluster.joined).toHaveLength(5);
  await expectNothingLeft(cluster);
  await expectNoSecret(world, [ended.arn]);
});

test('a control plane joins and is healthy in the load balancer', async () => {
  const cluster = clusterWithout('third', ['cp-3'], { controlPlanes: 3 });
  const group = cluster.targetGroup!;
  await group.deregister(cluster.node('cp-3').instanceId);
  const kubernetes = {
    ...{ version: '1.37.2', endpoint: 'api.third.internal:6443', podSubnet: '10.244.0.0/16' },
    targetGroups: [targetGroupArn(group)],
  };
  await world.ssm.send(
    new PutParameterCommand({
      Name: '/kubeadm-autopilot/clusters/third',
      Value: JSON.stringify({ cluster: 'third', kubernetes }),
      Type: 'String',
    }),
  );
  const since = world.calls.length;
  expect(await join(cluster, 'cp-3')).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'joined' } });
  expect((await group.targets()).map(({ state }) => state)).toEqual(['healthy', 'healthy', 'healthy']);
  expect(world.sent(since)).toContain('join-node to cp-3');
  await expectNothingLeft(cluster);
});

test('one of two fails: it is named, the other has joined, and started again it goes on', async () => {
  const cluster = clusterWithout('partly', ['worker-1', 'worker-2'], { controlPlanes: 1, workers: 2 });
  once(cluster, 'join-node', () => failure('kubeadm join', 'The disk is full.'), 'worker-2');
  const failed = await join(cluster, 'worker-1', 'worker-2');
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
  expect(failed.cause).toMatch(/worker-2.*The disk is full\./);
  expect(cluster.joined.map(({ name }) => name)).toEqual(['cp-1', 'worker-1']);
  const again = await join(cluster, 'worker-1', 'worker-2');
  expect(again).toMatchObject({ status: 'SUCCEEDED' });
  expect(again.output.plan.workers).toMatchObject([{ name: 'worker-2' }]);
  expect(await join(cluster, 'worker-1', 'worker-2')).toMatchObject({ output: { outcome: 'nothing' } });
});

test('a worker whose kubelet is not Ready is named', async () => {
  const cluster = clusterWithout('unready', ['worker-1'], { controlPlanes: 1, workers: 2 });
  cluster.node('worker-1').kubeletRuns = false;
  cluster.node('worker-2').kubeletRuns = false;
  const failed = await join(cluster, 'worker-1');
  expect(failed).toMatchObject({ status: 'FAILED', error: 'NodeNotReady' });
  // worker-2 was lost before, which is no fault of the one that joins.
  expect(failed.cause).toMatch(/^unready: of 1 nodes that are awaited, 1 are there, and not Ready are worker-1: /);
});

let refusing: ScriptedCluster | undefined;
test.each([
  ['nobody', { cluster: 'refused', nodes: [] }, 'InvalidInput', /nodes is \[\], must name a machine/],
  [
    'a machine that is not there',
    { cluster: 'refused', nodes: ['i-0123456789abcdef0'] },
    'GateRefused',
    /is no running instance of refused/,
  ],
  [
    'an injection',
    { cluster: 'refused', nodes: ['$(reboot)'] },
    'InvalidInput',
    /must be the id of an instance, or its name/,
  ],
])('%s: refused before anything changes', async (_what, input, error, sentence) => {
  refusing ??= world.scriptedCluster('refused', { controlPlanes: 1 });
  const since = world.calls.length;
  const refused = await world.run('join-node', input);
  expect(refused).toMatchObject({ status: 'FAILED', error });
  expect(refused.cause).toMatch(sentence);
  expect(world.sent(since).filter((command) => !command.startsWith('preflight'))).toEqual([]);
});

test('after the token and the certificate key have expired: they are made anew, so a join days later is like the first', async () => {
  const cluster = clusterWithout('expired', ['cp-3', 'worker-2'], { controlPlanes: 3, workers: 2 });
  const secretsSince = (since: number) =>
    world.calls
      .slice(since)
      .filter(({ action, input }) => action === 'PutParameter' && String(input['Name']).includes('/secrets/expired/'))
      .map(({ input }) => String(input['Value']));
  const first = world.calls.length;
  expect(await join(cluster, 'worker-2')).toMatchObject({ status: 'SUCCEEDED' });
  const before = secretsSince(first);
  // kubeadm's certificate key lives for two hours, its token for a day.
  world.aws.clock.advance(25 * 3600 * 1000);
  const second = world.calls.length;
  expect(await join(cluster, 'cp-3')).toMatchObject({ status: 'SUCCEEDED' });
  const after = secretsSince(second);
  expect([before, after].map(({ length }) => length)).toEqual([2, 2]);
  expect(after.filter((secret) => before.includes(secret))).toEqual([]);
  expect(cluster.joined).toHaveLength(5);
  await expectNothingLeft(cluster);
});
