import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { expectNoSecret } from './helpers/no-secret';
import { once } from './helpers/scripted';
import { unlocked } from './helpers/upgrades';
import type { Loose } from './helpers/world';
import { World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());
afterEach(() => {
  world.onCall = undefined;
  expect(world.problems).toEqual([]);
});

/** A cluster in which the last control plane and the last worker are no nodes yet. */
function cluster(name: string, { controlPlanes = 4, workers = 2 } = {}): ScriptedCluster {
  const made = world.scriptedCluster(name, { controlPlanes, workers });
  for (const one of [`cp-${controlPlanes}`, `worker-${workers}`])
    Object.assign(made.node(one), { membership: 'none', prepared: false });
  made.etcd.remove(made.etcd.idOf(made.node(`cp-${controlPlanes}`)));
  return made;
}

const replace = (of: ScriptedCluster, node: string, by: string, options: object = {}) =>
  world.run('replace-node', { cluster: of.name, node, with: of.node(by).instanceId, ...options });

const known = (of: ScriptedCluster) => ({
  nodes: of.joined.map(({ name }) => name),
  members: of.etcd.members.map(({ name }) => name),
});

/** Nobody is cordoned, no secret is left, nothing waits to be put back, and the lock is free. */
async function expectAtRest(of: ScriptedCluster): Promise<void> {
  await unlocked(world, of);
  expect([...of.kubernetes.cordoned]).toEqual([]);
  expect(await world.loadBalancerRecord(of.name)).toBeUndefined();
  const Path = `/kubeadm-autopilot/secrets/${of.name}`;
  expect((await world.ssm.send(new GetParametersByPathCommand({ Path }))).Parameters).toEqual([]);
}

/** Steps that change a node, in order. */
const changes = (since: number) =>
  world.sent(since).filter((command) => /^(prepare-node|join-node|drain-node|reset-node|forget-node) /.test(command));

test('a worker: the new one joins, then the old one is drained and leaves, under one lock', async () => {
  const demo = cluster('worker');
  demo.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1' });
  const holders = new Set<string | undefined>();
  demo.onStep = async ({ step }, next) => {
    if (step !== 'preflight' && step !== 'inspect-for-upgrade') holders.add(await world.lockHolder('worker'));
    return next();
  };
  const [since, events] = [world.calls.length, world.events.length];
  const ended = await replace(demo, 'worker-1', 'worker-2');
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'replaced', plan: { kind: 'worker' } } });
  expect(ended.output.summary).toMatch(
    /^worker-2 has taken the place of worker-1\. worker-1 was removed from worker\. /,
  );
  expect(changes(since)).toEqual([
    'prepare-node to worker-2',
    'join-node to worker-2',
    'drain-node to cp-1',
    'reset-node to worker-1',
    'forget-node to cp-1',
  ]);
  expect(demo.kubernetes.pods).toEqual([{ name: 'shop/cart-7d', node: 'worker-2' }]);
  expect(known(demo).nodes).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-2']);
  // Nobody came in between.
  expect([...holders]).toEqual([ended.arn]);
  // Both halves are told as this operation's.
  expect(world.onBus(events)).toEqual(
    expect.arrayContaining([
      ['Nodes Joined', expect.objectContaining({ execution: ended.arn })],
      ['Node Removed', expect.objectContaining({ execution: ended.arn, node: 'worker-1' })],
      ['Node Progress', expect.objectContaining({ operation: 'replace-node', step: 'join-node' })],
    ]),
  );
  await expectAtRest(demo);
  await expectNoSecret(world, [ended.arn]);
});

test('a control plane: etcd has one member more before it has one less', async () => {
  const demo = cluster('control-plane');
  const members: number[] = [];
  demo.onStep = async ({ step }, next) => {
    const answer = await next();
    if (step === 'join-node' || step === 'forget-node') members.push(demo.etcd.members.length);
    return answer;
  };
  const since = world.calls.length;
  const ended = await replace(demo, 'cp-1', 'cp-4');
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { plan: { kind: 'control-plane' } } });
  expect(members).toEqual([4, 3]);
  expect(changes(since)).toEqual([
    'prepare-node to cp-4',
    'join-node to cp-4',
    'drain-node to cp-2',
    'reset-node to cp-1',
    'forget-node to cp-2',
  ]);
  expect(known(demo)).toEqual({ nodes: ['cp-2', 'cp-3', 'cp-4', 'worker-1'], members: ['cp-2', 'cp-3', 'cp-4'] });
  await expectAtRest(demo);
});

test('the only control plane is replaced: the other one is there first', async () => {
  const demo = cluster('only', { controlPlanes: 2 });
  const ended = await replace(demo, 'cp-1', 'cp-2');
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  expect(known(demo)).toEqual({ nodes: ['cp-2', 'worker-1'], members: ['cp-2'] });
  await expectAtRest(demo);
});

test.each(['control plane', 'worker'])(
  'a dead %s is removed first, because etcd takes no member while one is away',
  async (what) => {
    const demo = cluster(`dead-${what.replace(' ', '-')}`);
    const [leaves, joins] = what === 'worker' ? ['worker-1', 'worker-2'] : ['cp-3', 'cp-4'];
    demo.node(leaves).isOn = false;
    const since = world.calls.length;
    const ended = await replace(demo, leaves, joins);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { plan: { kind: 'dead' } } });
    expect(changes(since)).toEqual(['forget-node to cp-1', `prepare-node to ${joins}`, `join-node to ${joins}`]);
    expect(known(demo).nodes).not.toContain(leaves);
    expect(known(demo).nodes).toContain(joins);
    await expectAtRest(demo);
  },
);

test('only the plan: the steps of both halves, the gates of both, and nothing changes', async () => {
  const demo = cluster('planned');
  const since = world.calls.length;
  const { output } = await world.runWell('replace-node', {
    ...{ cluster: 'planned', node: 'cp-3', with: 'cp-4', planOnly: true },
  });
  expect(output.plan.steps.map(({ name, action }: Loose) => `${name}: ${action}`)).toEqual([
    'cp-4: join as a control plane',
    'cp-3: drain',
    'cp-3: reset the machine (kubeadm reset)',
    'cp-3: remove its etcd member and its Node',
  ]);
  expect(output.plan.gates.map(({ name }: Loose) => name)).toEqual(
    expect.arrayContaining(['same-role', 'join-node: one-cluster', 'remove-node: etcd-quorum']),
  );
  expect(output.plan.summary).toBe('cp-4 joins planned, then cp-3 leaves it for good.');
  expect(changes(since)).toEqual([]);
  expect(known(demo).nodes).toHaveLength(4);
});

test.each([
  ['a gate of the removal', 'worker-1', 'worker-2', 'and its kubelet renews its lease: it is not gone.'],
  ['another role', 'cp-3', 'worker-2', 'worker-2 is a worker by its tag, and cp-3 is a control plane.'],
  ['the same machine', 'cp-3', 'cp-3', 'cp-3 cannot take its own place.'],
  ['an unknown node', 'cp-9', 'cp-4', 'has no node cp-9'],
])('%s says no before anything changes', async (what, leaves, joins, sentence) => {
  const demo = cluster(`refused-${what.split(' ').at(-1)}`);
  // Run Command does not reach it, and its kubelet lives.
  if (what === 'a gate of the removal') Object.assign(demo.node('worker-1'), { agentVersion: '' });
  const since = world.calls.length;
  const refused = await replace(demo, leaves, joins);
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toContain(sentence);
  expect(changes(since)).toEqual([]);
  await expectAtRest(demo);
});

test.each([
  ['prepare-node', 'cp-4', false],
  ['join-node', 'cp-4', false],
  ['drain-node', 'cp-1', true],
  ['reset-node', 'cp-3', true],
  ['forget-node', 'cp-1', true],
])('%s fails: it is told once, nothing stays behind, and a second start goes on', async (step, node, hasJoined) => {
  const demo = cluster(`fails-${step}`);
  once(demo, step, () => failure('do it', 'The disk is full.'), node);
  const events = world.events.length;
  const failed = await replace(demo, 'cp-3', 'cp-4');
  expect(failed.status).toBe('FAILED');
  expect(failed.cause).toContain('The disk is full.');
  expect(known(demo).nodes.includes('cp-4')).toBe(hasJoined);
  await expectAtRest(demo);
  expect(world.onBus(events).filter(([type]) => type === 'Operation Failed')).toEqual([
    ['Operation Failed', expect.objectContaining({ operation: 'replace-node' })],
  ]);
  const since = world.calls.length;
  expect(await replace(demo, 'cp-3', 'cp-4')).toMatchObject({ status: 'SUCCEEDED' });
  expect(changes(since).includes('join-node to cp-4')).toBe(!hasJoined);
  expect(known(demo)).toEqual({ nodes: ['cp-1', 'cp-2', 'cp-4', 'worker-1'], members: ['cp-1', 'cp-2', 'cp-4'] });
  await expectAtRest(demo);
});

test.each(['join-node', 'drain-node', 'forget-node'])(
  'stopped at %s, and redriven: what is done is not done again',
  async (step) => {
    const demo = cluster(`redriven-${step}`);
    let arn = '';
    once(demo, step, async (answer) => {
      await world.despite(1, () => world.stopExecution(arn));
      return answer();
    });
    arn = await world.start('replace-node', { cluster: demo.name, node: 'cp-3', with: 'cp-4' });
    expect((await world.end(arn)).status).toBe('ABORTED');
    await expectAtRest(demo);
    await world.redrive(arn);
    await world.succeeded(arn);
    expect(known(demo).members).toEqual(['cp-1', 'cp-2', 'cp-4']);
    await expectAtRest(demo);
  },
);

test('a dead node that left before its successor could join: a second start lets that one join', async () => {
  const demo = cluster('dead-again');
  demo.node('cp-3').isOn = false;
  once(demo, 'join-node', () => failure('do it', 'The disk is full.'), 'cp-4');
  expect(await replace(demo, 'cp-3', 'cp-4')).toMatchObject({ status: 'FAILED' });
  expect(known(demo).members).toEqual(['cp-1', 'cp-2']);
  const since = world.calls.length;
  expect(await replace(demo, 'cp-3', 'cp-4')).toMatchObject({ status: 'SUCCEEDED' });
  expect(changes(since)).toEqual(['prepare-node to cp-4', 'join-node to cp-4']);
  await expectAtRest(demo);
});

test('a third start finds nothing to do', async () => {
  const demo = cluster('nothing');
  expect(await replace(demo, 'worker-1', 'worker-2')).toMatchObject({ status: 'SUCCEEDED' });
  const again = await replace(demo, 'worker-1', 'worker-2');
  expect(again).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'nothing', plan: { decision: 'nothing' } } });
});

test('while it replaces a node nothing else starts on the cluster', async () => {
  const demo = cluster('busy');
  let other: Loose;
  once(demo, 'drain-node', async (answer) => {
    other = await world.start('join-node', { cluster: 'busy', nodes: ['worker-2'] });
    return answer();
  });
  expect(await replace(demo, 'cp-3', 'cp-4')).toMatchObject({ status: 'SUCCEEDED' });
  expect(await world.end(other)).toMatchObject({ status: 'FAILED', error: 'ClusterLocked' });
});

test('the lock of another operation is not taken for that of a replacement', async () => {
  const demo = cluster('forged');
  const arn = world.machineArn('upgrade').replace(':stateMachine:', ':execution:');
  const replacement = {
    ...{ node: 'cp-3', with: 'cp-4' },
    lock: { cluster: 'forged', holder: `${arn}:other`, since: '2026-01-02T03:04:05Z' },
  };
  const refused = await world.run('join-node', { cluster: demo.name, nodes: ['cp-4'], replacement });
  expect(refused).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
  expect(refused.cause).toContain('must be an execution of replace-node');
});
