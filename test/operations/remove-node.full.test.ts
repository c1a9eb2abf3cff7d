import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { deny } from './helpers/faults';
import { once } from './helpers/scripted';
import { settings, stuck, unlocked } from './helpers/upgrades';
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

const cluster = (name: string, options: Parameters<World['scriptedCluster']>[1] = {}) =>
  world.scriptedCluster(name, { controlPlanes: 3, workers: 2, ...options });
const remove = (of: ScriptedCluster, node: string, options: object = {}) =>
  world.run('remove-node', { cluster: of.name, node, ...options });

/** Nodes that kubectl lists, etcd's members and the load balancer's targets, by name. */
async function known(of: ScriptedCluster) {
  const targets = ((await of.targetGroup?.targets()) ?? []).filter(({ state }) => state !== 'draining');
  return {
    nodes: of.joined.map(({ name }) => name),
    members: of.etcd.members.map(({ name }) => name),
    targets: targets.map(({ id }) => of.nodes.find(({ instanceId }) => instanceId === id)!.name),
  };
}
const all = (workers: string[], controlPlanes: string[]) => ({
  ...{ nodes: [...controlPlanes, ...workers], members: controlPlanes, targets: controlPlanes },
});

/** Nobody is cordoned, nothing waits to be put back, and the lock is free. */
async function expectAtRest(of: ScriptedCluster): Promise<void> {
  await unlocked(world, of);
  expect([...of.kubernetes.cordoned]).toEqual([]);
  expect(await world.loadBalancerRecord(of.name)).toBeUndefined();
}

const LOOKS = ['inspect-for-upgrade to cp-1, cp-2, cp-3, worker-1, worker-2'];

test('a worker is drained, reset and forgotten', async () => {
  const demo = cluster('worker');
  demo.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1' });
  const [since, events] = [world.calls.length, world.events.length];
  const ended = await remove(demo, demo.node('worker-1').instanceId);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'removed', plan: { kind: 'worker' } } });
  expect(ended.output.summary).toBe(
    'worker-1 was removed from worker. Terminate its instance, or take off its tag kubeadm-autopilot:cluster: other operations look for a node there.',
  );
  expect(world.sent(since)).toEqual([
    ...[...LOOKS, 'preflight to worker-1', ...LOOKS, 'preflight to worker-1'],
    'drain-node to cp-1',
    'reset-node to worker-1',
    'forget-node to cp-1',
    'wait-for-nodes to cp-1',
  ]);
  expect(demo.kubernetes.pods).toEqual([{ name: 'shop/cart-7d', node: 'worker-2' }]);
  expect(await known(demo)).toEqual(all(['worker-2'], ['cp-1', 'cp-2', 'cp-3']));
  expect(world.onBus(events)).toContainEqual([
    'Node Removed',
    expect.objectContaining({ cluster: 'worker', node: 'worker-1', kind: 'worker' }),
  ]);
  await expectAtRest(demo);
});

test('a control plane leaves the load balancer, then etcd, then the cluster', async () => {
  const demo = cluster('control-plane');
  const seen: string[] = [];
  demo.onStep = async ({ step, parameters }, next) => {
    if (['drain-node', 'reset-node', 'forget-node'].includes(step)) {
      const { members, targets } = await known(demo);
      const told = [parameters['LeaveEtcd'], parameters['Member'] && 'with its member'].filter(Boolean).join('');
      seen.push(`${step} ${told}, etcd ${members.join(' ')}, targets ${targets.join(' ')}`);
    }
    return next();
  };
  const since = world.calls.length;
  const ended = await remove(demo, 'cp-1');
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { plan: { kind: 'control-plane' } } });
  expect(ended.output.summary).toMatch(/ etcd has 2 members\.$/);
  expect(seen).toEqual([
    'drain-node , etcd cp-1 cp-2 cp-3, targets cp-2 cp-3',
    'reset-node yes, etcd cp-1 cp-2 cp-3, targets cp-2 cp-3',
    'forget-node with its member, etcd cp-2 cp-3, targets cp-2 cp-3',
  ]);
  expect(world.sent(since).slice(4)).toEqual([
    'drain-node to cp-2',
    'inspect-control-plane to cp-1, cp-2, cp-3',
    'reset-node to cp-1',
    'forget-node to cp-2',
    'wait-for-nodes to cp-2',
  ]);
  expect(await known(demo)).toEqual(all(['worker-1', 'worker-2'], ['cp-2', 'cp-3']));
  await expectAtRest(demo);
});

test('from two control planes to one, and the last one stays', async () => {
  const demo = cluster('two', { controlPlanes: 2, workers: 1 });
  expect(await remove(demo, 'cp-2')).toMatchObject({ status: 'SUCCEEDED' });
  expect(await known(demo)).toEqual(all(['worker-1'], ['cp-1']));
  const since = world.calls.length;
  const refused = await remove(demo, 'cp-1');
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toBe(
    'cp-1 is not removed from two: cp-1 is the last control plane that answers, and without one there is no cluster. Let another control plane join first, or delete the cluster by hand. It has the only etcd member that votes. Let another control plane join first.',
  );
  expect(world.sent(since)).toEqual(['inspect-for-upgrade to cp-1, cp-2, worker-1', 'preflight to cp-1']);
});

test('a control plane that works stays while another one is down; the dead one may leave', async () => {
  const demo = cluster('down');
  demo.node('cp-3').isOn = false;
  const refused = await remove(demo, 'cp-2');
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toContain(
    'cp-3 is no healthy member of etcd, and all others have to be when one that works leaves.',
  );
  const since = world.calls.length;
  const ended = await remove(demo, 'cp-3');
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { plan: { kind: 'dead' } } });
  expect(world.sent(since)).toEqual([
    ...[
      'inspect-for-upgrade to cp-1, cp-2, worker-1, worker-2',
      'inspect-for-upgrade to cp-1, cp-2, worker-1, worker-2',
    ],
    ...['forget-node to cp-1', 'wait-for-nodes to cp-1'],
  ]);
  expect(await known(demo)).toEqual(all(['worker-1', 'worker-2'], ['cp-1', 'cp-2']));
  await expectAtRest(demo);
});

test('etcd without a majority', async () => {
  const demo = cluster('quorum', { controlPlanes: 2 });
  demo.node('cp-2').isOn = false;
  const refused = await remove(demo, 'cp-2', { force: true });
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toMatch(/^cp-2 is not removed from quorum: etcd has no majority \(/);
});

test('a node whose agent is lost is removed only by force, and not while its kubelet lives', async () => {
  const demo = cluster('lost');
  const lost = demo.node('worker-1');
  Object.assign(lost, { agentVersion: '' });
  const alive = await remove(demo, 'worker-1', { force: true });
  expect(alive.cause).toContain('and its kubelet renews its lease: it is not gone.');
  lost.kubeletRuns = false;
  const refused = await remove(demo, 'worker-1');
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toContain('and its instance is running: expected stopped or terminated.');
  const forced = await remove(demo, 'worker-1', { force: true });
  expect(forced).toMatchObject({ status: 'SUCCEEDED', output: { plan: { kind: 'dead' } } });
  expect((await known(demo)).nodes).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-2']);
});

test('an instance that is gone: its Node is removed by its name', async () => {
  const demo = cluster('gone');
  const gone = demo.node('worker-2');
  gone.isOn = false;
  world.nodes.splice(world.nodes.indexOf(gone), 1);
  const unknown = await remove(demo, gone.instanceId);
  expect(unknown).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(unknown.cause).toContain(`gone has no node ${gone.instanceId}: expected an instance id or a name`);
  const ended = await remove(demo, 'worker-2');
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { summary: 'worker-2 was removed from gone.' } });
  expect((await known(demo)).nodes).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-1']);
});

test.each(['stop', 'skip', 'wait'])(
  'a drain that is stuck (%s): the node stays and takes pods again',
  async (stuckDrain) => {
    const demo = await stuck(world, `stuck-${stuckDrain}`, stuckDrain);
    const since = world.calls.length;
    const failed = await remove(demo, 'worker-1');
    expect(failed).toMatchObject({ status: 'FAILED', error: 'DrainStuck' });
    expect(failed.cause).toContain('worker-1');
    expect(failed.cause).toContain('shop/cart-7d is held by the disruption budget shop/cart');
    expect(world.sent(since).filter((command) => /^(reset|forget)-node/.test(command))).toEqual([]);
    expect(demo.joined.length).toBe(3);
    await expectAtRest(demo);
    demo.kubernetes.budgets.set('shop/cart', 1);
    expect(await remove(demo, 'worker-1')).toMatchObject({ status: 'SUCCEEDED' });
  },
);

test.each(['drain-node', 'inspect-control-plane', 'reset-node', 'forget-node', 'wait-for-nodes'])(
  '%s fails: the step is named, nothing stays behind, and a second start goes on',
  async (step) => {
    const demo = cluster(`fails-${step}`);
    const node = { 'reset-node': 'cp-2' }[step] ?? 'cp-1';
    once(demo, step, () => failure('do it', 'The disk is full.'), node);
    const failed = await remove(demo, 'cp-2');
    expect(failed.status).toBe('FAILED');
    expect(failed.cause).toContain('The disk is full.');
    await expectAtRest(demo);
    const again = await remove(demo, 'cp-2');
    expect(again).toMatchObject({ status: 'SUCCEEDED' });
    expect(await known(demo)).toMatchObject({
      nodes: ['cp-1', 'cp-3', 'worker-1', 'worker-2'],
      members: ['cp-1', 'cp-3'],
    });
    await expectAtRest(demo);
  },
);

test.each([
  ['drain-node', 'did nothing', 5],
  ['reset-node', 'did nothing', 5],
  ['reset-node', 'did all of it', 5],
  ['forget-node', 'did all of it', 4],
])('stopped while %s %s, and redriven: it looks again and goes on', async (step, what, nodes) => {
  const demo = cluster(`redriven-${step}-${what.slice(4, 5)}`);
  let arn = '';
  once(demo, step, async (answer) => {
    await world.despite(1, () => world.stopExecution(arn));
    return what === 'did nothing' ? failure('do it', 'It was stopped.') : answer();
  });
  arn = await world.start('remove-node', { cluster: demo.name, node: 'cp-3' });
  expect((await world.end(arn)).status).toBe('ABORTED');
  await expectAtRest(demo);
  // Once it is about to be reset, nobody puts it back.
  expect((await known(demo)).targets).toEqual(['cp-1', 'cp-2', ...(step === 'drain-node' ? ['cp-3'] : [])]);
  expect(demo.joined.length).toBe(nodes);
  const since = world.calls.length;
  await world.redrive(arn);
  await world.succeeded(arn);
  expect(world.sent(since)[0]).toBe(LOOKS[0]);
  expect(await known(demo)).toEqual(all(['worker-1', 'worker-2'], ['cp-1', 'cp-2']));
  await expectAtRest(demo);
});

test.each([
  'dynamodb:DeleteItem',
  'ec2:DescribeInstances',
  'elasticloadbalancing:DeregisterTargets',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
])('%s is not allowed when it leaves its target groups: it is told, and a second start goes on', async (action) => {
  const demo = cluster(`denied-${action.replace(/^.*:/, '').toLowerCase()}`);
  // One that is alive has left by another function's hand.
  if (action.endsWith('DeregisterTargets')) demo.node('cp-3').isOn = false;
  const denied = deny(world, action, 'DeregisterNodeRole');
  const failed = await remove(demo, 'cp-3');
  world.onCall = undefined;
  expect(denied.times).toBeGreaterThan(0);
  expect(failed).toMatchObject({ status: 'FAILED', cause: expect.stringContaining(action) });
  await expectAtRest(demo);
  const again = await remove(demo, 'cp-3');
  expect(again).toMatchObject({ status: 'SUCCEEDED' });
  expect(await known(demo)).toEqual(all(['worker-1', 'worker-2'], ['cp-1', 'cp-2']));
});

test('stopped while the node is drained: it takes pods again', async () => {
  const demo = cluster('stopped');
  let arn = '';
  once(demo, 'drain-node', async (answer) => {
    await world.despite(1, () => world.stopExecution(arn));
    return answer();
  });
  arn = await world.start('remove-node', { cluster: 'stopped', node: 'worker-1' });
  expect((await world.end(arn)).status).toBe('ABORTED');
  await expectAtRest(demo);
  expect(demo.joined.length).toBe(5);
});

test('a second run finds nothing to do', async () => {
  const demo = cluster('again');
  expect(await remove(demo, 'worker-1')).toMatchObject({ status: 'SUCCEEDED' });
  const since = world.calls.length;
  const again = await remove(demo, 'worker-1');
  expect(again.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'nothing', steps: [] } });
  expect(world.sent(since)).toEqual([...LOOKS, 'preflight to worker-1']);
});

test('only the plan', async () => {
  const demo = cluster('planned');
  const since = world.calls.length;
  const { output } = await world.runWell('remove-node', { cluster: 'planned', node: 'cp-3', planOnly: true });
  expect(output.plan.steps.map(({ name, action }: Loose) => `${name}: ${action}`)).toEqual([
    'cp-3: drain',
    'cp-3: reset the machine (kubeadm reset)',
    'cp-3: remove its etcd member and its Node',
  ]);
  expect(world.sent(since)).toEqual([...LOOKS, 'preflight to cp-3']);
  expect(await known(demo)).toEqual(all(['worker-1', 'worker-2'], ['cp-1', 'cp-2', 'cp-3']));
});

test('a cluster that is frozen', async () => {
  const demo = cluster('frozen', { tags: { 'kubeadm-autopilot:frozen': 'holidays' } });
  const refused = await remove(demo, 'worker-1');
  expect(refused).toMatchObject({ status: 'FAILED', error: 'GateRefused' });
  expect(refused.cause).toMatch(/frozen is frozen \(tag on \S+: holidays\)/);
});

test('a drain that is stuck is forced where the settings say so', async () => {
  const demo = cluster('forced', { loadBalancer: false });
  await settings(world, 'forced', { stuckDrain: 'force', drainMinutes: 1 });
  demo.kubernetes.budgets.set('shop/cart', 0);
  demo.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1', budget: 'shop/cart' });
  expect(await remove(demo, 'worker-1')).toMatchObject({ status: 'SUCCEEDED' });
  expect(demo.kubernetes.pods).toEqual([{ name: 'shop/cart-7d', node: 'worker-2', budget: 'shop/cart' }]);
});
