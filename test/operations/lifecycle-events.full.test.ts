import { randomUUID } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { once } from './helpers/scripted';
import { unlocked } from './helpers/upgrades';
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

/** A cluster that lets events do both, in which the last worker is no node yet. */
async function cluster(name: string, lifecycle: object = { join: true, remove: true }, workers = 2, controlPlanes = 1) {
  const made = world.scriptedCluster(name, { controlPlanes, workers });
  Object.assign(made.node(`worker-${workers}`), { membership: 'none', prepared: false });
  await world.ssm.send(
    new PutParameterCommand({
      Name: `/kubeadm-autopilot/clusters/${name}`,
      Value: JSON.stringify({ cluster: name, lifecycle }),
      Type: 'String',
    }),
  );
  return made;
}

const idOf = (of: ScriptedCluster, node: string) => of.node(node).instanceId;
const names = (of: ScriptedCluster) => of.joined.map(({ name }) => name);

interface Hooked {
  hook?: string;
  token?: string;
  account?: string;
  destination?: string;
}

/** A lifecycle hook of an Auto Scaling group waits. */
function hook(transition: 'LAUNCHING' | 'TERMINATING', instanceId: string, options: Hooked = {}): string {
  const { hook: name = 'kubeadm-autopilot-hook', token = randomUUID(), account, destination } = options;
  world.aws.happen({
    source: 'aws.autoscaling',
    'detail-type': `EC2 Instance-${transition === 'LAUNCHING' ? 'launch' : 'terminate'} Lifecycle Action`,
    ...(account && { account }),
    detail: {
      LifecycleActionToken: token,
      AutoScalingGroupName: 'workers',
      LifecycleHookName: name,
      EC2InstanceId: instanceId,
      LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`,
      ...(destination && { Destination: destination }),
    },
  });
  return token;
}
const resultOf = (token: string) => world.aws.lifecycleActions().find((one) => one.token === token)!;
const spot = (instanceId: string) =>
  world.aws.happen({
    source: 'aws.ec2',
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
  });

/** Waits until all events are done. @returns what each said at its end */
async function done(since = 0): Promise<string[]> {
  await world.passUntil(async () => {
    const all = await world.executions('lifecycle-event');
    return all.length > since && world.runningOf('lifecycle-event').length === 0;
  });
  const all = await world.executions('lifecycle-event');
  const ended = await Promise.all(all.slice(0, all.length - since).map((arn) => world.describe(arn)));
  expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 'SUCCEEDED'));
  return ended.map(({ output }) => output.said as string);
}
const count = async () => (await world.executions('lifecycle-event')).length;
const operations = async (machine: 'join-node' | 'remove-node', name: string) =>
  (await world.executions(machine)).filter((arn) => arn.includes(`:${machine}-${name}-`));

test('an instance that is launched joins, and the group goes on; the hook is kept waiting meanwhile', async () => {
  const demo = await cluster('launch');
  const since = await count();
  const token = hook('LAUNCHING', idOf(demo, 'worker-2'));
  expect(await done(since)).toEqual(['worker-2 has joined.']);
  expect(names(demo)).toEqual(['cp-1', 'worker-1', 'worker-2']);
  expect(resultOf(token)).toMatchObject({ result: 'CONTINUE' });
  expect(resultOf(token).beats).toBeGreaterThan(1);
  await unlocked(world, demo);
  expect(await world.lockHolder('launch/lifecycle')).toBeUndefined();
});

test('one that is terminated is drained and removed first', async () => {
  const demo = await cluster('terminate');
  demo.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1' });
  const since = await count();
  const token = hook('TERMINATING', idOf(demo, 'worker-1'));
  expect(await done(since)).toEqual(['worker-1 has left its cluster.']);
  expect(names(demo)).toEqual(['cp-1']);
  expect(resultOf(token)).toMatchObject({ result: 'CONTINUE' });
  await unlocked(world, demo);
});

test('an event that comes twice, at once or later, starts one operation', async () => {
  const demo = await cluster('twice');
  const since = await count();
  const token = hook('LAUNCHING', idOf(demo, 'worker-2'));
  hook('LAUNCHING', idOf(demo, 'worker-2'), { token });
  await done(since);
  hook('LAUNCHING', idOf(demo, 'worker-2'), { token });
  await done(since + 2);
  expect(await operations('join-node', 'twice')).toHaveLength(1);
  expect(resultOf(token).result).toBe('CONTINUE');
  expect(names(demo)).toEqual(['cp-1', 'worker-1', 'worker-2']);
});

test('several at once take turns, and none of them fails', async () => {
  const demo = await cluster('several', { join: true, remove: true }, 4);
  for (const name of ['worker-2', 'worker-3']) Object.assign(demo.node(name), { membership: 'none', prepared: false });
  const [since, events] = [await count(), world.events.length];
  const tokens = ['worker-2', 'worker-3', 'worker-4'].map((name) => hook('LAUNCHING', idOf(demo, name)));
  tokens.push(hook('TERMINATING', idOf(demo, 'worker-1')));
  await done(since);
  expect(names(demo)).toEqual(['cp-1', 'worker-2', 'worker-3', 'worker-4']);
  expect(tokens.map((token) => resultOf(token).result)).toEqual(tokens.map(() => 'CONTINUE'));
  expect(world.onBus(events).filter(([type]) => type === 'Operation Failed')).toEqual([]);
});

test('while the cluster is busy it waits, and nobody is told of a failure', async () => {
  const demo = await cluster('busy');
  let release = (): void => undefined;
  once(demo, 'drain-node', async (answer) => {
    await world.despite(1, () => new Promise<void>((resolve) => (release = resolve)));
    return answer();
  });
  const removal = await world.start('remove-node', { cluster: 'busy', node: 'worker-1' });
  await world.passUntil(async () => (await world.lockHolder('busy')) === removal);
  const since = await count();
  const token = hook('LAUNCHING', idOf(demo, 'worker-2'));
  await world.passUntil(() => resultOf(token).beats > 1);
  expect(await operations('join-node', 'busy')).toEqual([]);
  release();
  await done(since);
  expect(resultOf(token).result).toBe('CONTINUE');
  expect(names(demo)).toEqual(['cp-1', 'worker-2']);
});

test('a join that fails: the instance is abandoned, and people are told why', async () => {
  const demo = await cluster('fails');
  once(demo, 'join-node', () => failure('join', 'The disk is full.'), 'worker-2');
  const [since, events] = [await count(), world.events.length];
  const token = hook('LAUNCHING', idOf(demo, 'worker-2'));
  expect(await done(since)).toEqual(['worker-2 could not join (NodeStepFailed): another one is launched.']);
  expect(resultOf(token).result).toBe('ABANDON');
  expect(world.onBus(events)).toContainEqual([
    'Operation Failed',
    expect.objectContaining({ operation: 'join-node', cause: expect.stringContaining('The disk is full.') }),
  ]);
});

test('an instance whose agent does not answer yet is waited for', async () => {
  const demo = await cluster('slow');
  const node = demo.node('worker-2');
  const { agentVersion } = node;
  Object.assign(node, { agentVersion: '' });
  const since = await count();
  const token = hook('LAUNCHING', node.instanceId);
  await world.passUntil(() => resultOf(token).beats > 3);
  expect(await operations('join-node', 'slow')).toEqual([]);
  Object.assign(node, { agentVersion });
  expect(await done(since)).toEqual(['worker-2 has joined.']);
});

test('a Spot instance that is taken back is drained within 90 seconds, in the end by force', async () => {
  const demo = await cluster('spot');
  demo.kubernetes.budgets.set('shop/cart', 0);
  demo.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1', budget: 'shop/cart' });
  const drains: [string | undefined, string | undefined][] = [];
  demo.onStep = async ({ step, parameters }, next) => {
    if (step === 'drain-node') drains.push([parameters['TimeoutSeconds'], parameters['Force']]);
    return next();
  };
  const since = await count();
  spot(idOf(demo, 'worker-1'));
  expect(await done(since)).toEqual(['worker-1 has left its cluster.']);
  expect(drains).toEqual([
    ['30', 'no'],
    ['60', 'yes'],
  ]);
  expect(names(demo)).toEqual(['cp-1']);
});

test('a control plane leaves with its etcd member; the last one is refused, told, and the hook is not completed', async () => {
  const demo = await cluster('control-plane', undefined, 1, 2);
  const since = await count();
  const first = hook('TERMINATING', idOf(demo, 'cp-2'));
  await done(since);
  expect(resultOf(first).result).toBe('CONTINUE');
  expect(demo.etcd.members.map(({ name }) => name)).toEqual(['cp-1']);
  const events = world.events.length;
  const last = hook('TERMINATING', idOf(demo, 'cp-1'));
  expect(await done(since + 1)).toEqual(['cp-1 could not leave (GateRefused).']);
  expect(resultOf(last).result).toBeUndefined();
  expect(world.onBus(events)).toContainEqual([
    'Operation Failed',
    expect.objectContaining({ cause: expect.stringContaining('cp-1 is the last control plane that answers') }),
  ]);
  expect(names(demo)).toEqual(['cp-1']);
});

test('a scheduled retirement: each instance that it names leaves', async () => {
  const demo = await cluster('retired', undefined, 3);
  const since = await count();
  const affectedEntities = ['worker-1', 'worker-2'].map((name) => ({ entityValue: idOf(demo, name) }));
  world.aws.happen({
    source: 'aws.health',
    'detail-type': 'AWS Health Event',
    detail: { service: 'EC2', eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', affectedEntities },
  });
  await done(since);
  expect(names(demo)).toEqual(['cp-1']);
});

test('a machine that is dead already is cleaned up', async () => {
  const demo = await cluster('dead');
  demo.node('worker-1').isOn = false;
  const since = await count();
  const token = hook('TERMINATING', idOf(demo, 'worker-1'));
  expect(await done(since)).toEqual(['worker-1 has left its cluster.']);
  expect(names(demo)).toEqual(['cp-1']);
  expect(resultOf(token).result).toBe('CONTINUE');
});

test.each([
  ['no setting', {}, {}, 'CONTINUE', 'The settings of quiet-setting do not want it (lifecycle.join).'],
  [
    'a warm pool',
    { join: true },
    { destination: 'WarmPool' },
    'CONTINUE',
    'worker-2 is in a warm pool, and so no node.',
  ],
  [
    ...['another account', { join: true }, { account: '999999999999' }, undefined],
    'It happened in the account 999999999999, which is another one.',
  ],
] as [string, object, Hooked, string | undefined, string][])(
  '%s: nothing is started',
  async (what, lifecycle, event, result, said) => {
    const demo = await cluster(`quiet-${what.split(' ').at(-1)}`, lifecycle);
    const since = await count();
    const token = hook('LAUNCHING', idOf(demo, 'worker-2'), event);
    expect(await done(since)).toEqual([said]);
    expect(resultOf(token).result).toBe(result);
    expect(await operations('join-node', demo.name)).toEqual([]);
  },
);

test('an instance of nobody is no node; a hook of another app is not even looked at', async () => {
  const demo = await cluster('foreign');
  const since = await count();
  const unknown = hook('LAUNCHING', 'i-0aaaaaaaaaaaaaaaa');
  const foreign = hook('LAUNCHING', idOf(demo, 'worker-2'), { hook: 'theirs' });
  expect(await done(since)).toEqual(['i-0aaaaaaaaaaaaaaaa is no node of a cluster by its tags.']);
  expect(resultOf(unknown).result).toBe('CONTINUE');
  expect(resultOf(foreign)).toMatchObject({ beats: 0 });
  expect(await count()).toBe(since + 1);
});
