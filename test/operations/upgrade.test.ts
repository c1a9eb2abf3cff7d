import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { once } from './helpers/scripted';
import { World, until } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

const TARGET = '1.37.2';
const DAYS_200 = 200 * 24 * 3600;
const cluster = (name: string, options: Parameters<World['scriptedCluster']>[1] = {}) =>
  world.scriptedCluster(name, { version: '1.36.3', leafSeconds: DAYS_200, ...options });
const upgrade = (of: ScriptedCluster, options: object = {}) =>
  world.runWell('upgrade', { cluster: of.name, version: TARGET, ...options });

/** Every node runs the target, takes pods, and is in its load balancer. */
async function expectUpgraded(of: ScriptedCluster, version = TARGET): Promise<void> {
  for (const { name, role, versions } of of.nodes)
    expect({ name, ...versions }).toEqual({
      ...{ name, kubeadm: version, kubelet: version },
      ...(role === 'control-plane' && { staticPods: version }),
    });
  expect([...of.kubernetes.cordoned]).toEqual([]);
  expect(await world.lockHolder(of.name)).toBeUndefined();
  expect(await world.loadBalancerRecord(of.name)).toBeUndefined();
}

test('one control plane and one worker', async () => {
  const small = cluster('small', { workers: 1, loadBalancer: false });
  const since = world.calls.length;
  const { output } = await upgrade(small);
  await expectUpgraded(small);
  expect(output).toMatchObject({ cluster: 'small', outcome: 'upgraded', plan: { from: '1.36.3', target: TARGET } });
  expect(output.rows).toEqual([
    expect.objectContaining({ node: 'cp-1', role: 'control-plane', before: '1.36.3', after: TARGET }),
    expect.objectContaining({ node: 'worker-1', role: 'worker', before: '1.36.3', after: TARGET }),
  ]);
  expect(Object.keys(output.rows[1].seconds).sort()).toEqual([
    ...['drain-node', 'uncordon-node', 'upgrade-kubeadm', 'upgrade-kubelet'],
  ]);
  expect(world.sent(since)).toEqual([
    'inspect-for-upgrade to cp-1, worker-1',
    'inspect-for-upgrade to cp-1, worker-1',
    'stage-upgrade to cp-1, worker-1',
    'inspect-control-plane to cp-1',
    'upgrade-kubeadm to cp-1',
    'drain-node to cp-1',
    'upgrade-kubelet to cp-1',
    'uncordon-node to cp-1',
    'inspect-for-upgrade to cp-1',
    'inspect-for-upgrade to cp-1',
    'upgrade-kubeadm to worker-1',
    'drain-node to cp-1',
    'upgrade-kubelet to worker-1',
    'uncordon-node to cp-1',
    'inspect-for-upgrade to cp-1',
  ]);
  const again = await upgrade(small);
  expect(again.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'nothing' } });
});

test('three control planes behind a load balancer, and workers', async () => {
  const three = cluster('three', { controlPlanes: 3, workers: 4 });
  const { output } = await upgrade(three);
  await expectUpgraded(three);
  expect(output.rows.map(({ node }: Loose) => node)).toEqual([
    ...['cp-2', 'cp-3', 'cp-1'],
    ...['worker-1', 'worker-2', 'worker-3', 'worker-4'],
  ]);
});

/** What became of each node, in the order of the report. */
const outcomes = ({ output }: { output: Loose }) =>
  Object.fromEntries(output.rows.map(({ node, outcome }: Loose) => [node, outcome]));
/** Nodes in the order in which their kubelets were upgraded. */
const kubelets = (since: number) =>
  world
    .sent(since)
    .flatMap((command) =>
      command.startsWith('upgrade-kubelet to ') ? [command.slice('upgrade-kubelet to '.length)] : [],
    );

describe('waves', () => {
  test('the canary goes alone, then a window of maxUnavailable slides on', async () => {
    const waves = cluster('waves', { workers: 7, loadBalancer: false });
    await settings('waves', { maxUnavailable: 3 });
    let atWork = 0;
    const seen: [string, number][] = [];
    waves.secondsOf = ({ step, node }) => (step === 'upgrade-kubelet' ? (node.name === 'worker-2' ? 100 : 10) : 1);
    waves.onStep = async (call, next) => {
      if (call.step === 'upgrade-kubeadm' && call.node.role === 'worker') seen.push([call.node.name, (atWork += 1)]);
      if (call.step === 'uncordon-node' && call.parameters['Node']?.startsWith('worker')) atWork -= 1;
      return next();
    };
    await upgrade(waves);
    await expectUpgraded(waves);
    expect(seen[0]).toEqual(['worker-1', 1]);
    expect(seen[1]![1]).toBe(1);
    expect(Math.max(...seen.map(([, many]) => many))).toBe(3);
    // worker-2 takes ten times as long: the window slides on beside it.
    expect(seen.map(([name]) => name).slice(-1)).toEqual(['worker-7']);
  });

  test('groups follow each other, each with a canary of its own', async () => {
    const groups = cluster('groups', { workers: 4, groups: ['blue', 'green'], loadBalancer: false });
    const since = world.calls.length;
    await upgrade(groups);
    await expectUpgraded(groups);
    expect(kubelets(since)).toEqual(['cp-1', 'worker-1', 'worker-3', 'worker-2', 'worker-4']);
  });
});

describe('a drain that is stuck', () => {
  const stuck = async (name: string, stuckDrain: string) => {
    const held = cluster(name, { workers: 2, loadBalancer: false });
    await settings(name, { stuckDrain, drainMinutes: 1 });
    held.kubernetes.budgets.set('shop/cart', 0);
    held.kubernetes.pods.push({ name: 'shop/cart-7d', node: 'worker-1', budget: 'shop/cart' });
    return held;
  };

  test('stop: it ends there with pod and budget, and the node takes pods again', async () => {
    const held = await stuck('stuck-stop', 'stop');
    const since = world.events.length;
    const ended = await world.run('upgrade', { cluster: held.name, version: TARGET });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'DrainStuck' });
    expect(ended.cause).toMatch(
      /^worker-1 was not drained within 1 minutes: shop\/cart-7d is held by the disruption budget shop\/cart/,
    );
    expect([...held.kubernetes.cordoned]).toEqual([]);
    expect(world.onBus(since)).toContainEqual([
      'Drain Blocked',
      expect.objectContaining({
        node: 'worker-1',
        blockedBy: [expect.objectContaining({ pod: 'shop/cart-7d', budget: 'shop/cart' })],
      }),
    ]);
    await unlocked(held);
    expect(held.node('worker-2').versions.kubelet).toBe('1.36.3');
    held.kubernetes.budgets.set('shop/cart', 1);
    const since2 = world.calls.length;
    await upgrade(held);
    await expectUpgraded(held);
    expect(kubelets(since2)).toEqual(['worker-1', 'worker-2']);
  });

  test('skip: the node is left as it is, and the others go on', async () => {
    const held = await stuck('stuck-skip', 'skip');
    const ended = await upgrade(held);
    expect(ended.output).toMatchObject({ outcome: 'partly' });
    expect(outcomes(ended)).toEqual({ 'cp-1': 'upgraded', 'worker-1': 'skipped', 'worker-2': 'upgraded' });
    expect([...held.kubernetes.cordoned]).toEqual([]);
  });

  test('force: the pod goes', async () => {
    const held = await stuck('stuck-force', 'force');
    await upgrade(held);
    await expectUpgraded(held);
  });

  test('wait: it gets the same time once more', async () => {
    const held = await stuck('stuck-wait', 'wait');
    let drains = 0;
    held.onStep = async (call, next) => {
      if (call.step === 'drain-node' && call.parameters['Node'] === 'worker-1' && (drains += 1) === 3)
        held.kubernetes.budgets.set('shop/cart', 1);
      return next();
    };
    await upgrade(held);
    await expectUpgraded(held);
  });
});

describe('a node fails', () => {
  test('a worker of a wave: those under way come to their end, no other begins, nothing stays cordoned; then it goes on', async () => {
    const failing = cluster('failing', { workers: 5, loadBalancer: false });
    await settings('failing', { maxUnavailable: 2 });
    failing.secondsOf = ({ step, node }) => (step === 'upgrade-kubelet' && node.name === 'worker-3' ? 60 : 5);
    once(failing, 'upgrade-kubelet', () => failure('restart the kubelet', 'It does not start.'), 'worker-2');
    const ended = await world.run('upgrade', { cluster: 'failing', version: TARGET });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
    expect(ended.cause).toMatch(/upgrade-kubelet failed on worker-2.*It does not start/);
    await unlocked(failing);
    expect([...failing.kubernetes.cordoned]).toEqual([]);
    expect(failing.nodes.map(({ versions }) => versions.kubelet)).toEqual([
      TARGET,
      TARGET,
      '1.36.3',
      TARGET,
      '1.36.3',
      '1.36.3',
    ]);

    const since = world.calls.length;
    await upgrade(failing);
    await expectUpgraded(failing);
    expect(kubelets(since).sort()).toEqual(['worker-2', 'worker-4', 'worker-5']);
  });

  test('a control plane: it is back in its load balancer and takes pods; redriven, it goes on there', async () => {
    const three = cluster('failing-cp', { controlPlanes: 3, workers: 1 });
    once(three, 'upgrade-kubelet', () => failure('restart the kubelet', 'It does not start.'), 'cp-3');
    const arn = await world.start('upgrade', { cluster: three.name, version: TARGET });
    const ended = await world.end(arn);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed', cause: expect.stringContaining('cp-3') });
    await unlocked(three);
    expect([...three.kubernetes.cordoned]).toEqual([]);
    expect(await world.loadBalancerRecord(three.name)).toBeUndefined();
    const since = world.calls.length;
    await world.redrive(arn);
    await world.passUntil(async () => (await world.lockHolder(three.name)) === arn);
    await world.succeeded(arn);
    await expectUpgraded(three);
    expect(kubelets(since)).toEqual(['cp-3', 'cp-1', 'worker-1']);
  });

  test('the execution is stopped while a worker is drained: it is uncordoned, and a new start goes on', async () => {
    const stopped = cluster('stopped', { workers: 2, loadBalancer: false });
    let arn = '';
    once(
      stopped,
      'upgrade-kubelet',
      async (answer) => {
        await world.despite(1, () => world.stopExecution(arn));
        return answer();
      },
      'worker-1',
    );
    arn = await world.start('upgrade', { cluster: 'stopped', version: TARGET });
    expect((await world.end(arn)).status).toBe('ABORTED');
    await unlocked(stopped);
    expect([...stopped.kubernetes.cordoned]).toEqual([]);
    const since = world.calls.length;
    await upgrade(stopped);
    await expectUpgraded(stopped);
    expect(kubelets(since)).toEqual(['worker-2']);
  });
});

test('somebody asks to stop: the node at which it is comes to its end, and a new start goes on', async () => {
  const asked = cluster('asked', { controlPlanes: 3, workers: 2, loadBalancer: false });
  let arn = '';
  once(
    asked,
    'upgrade-kubelet',
    async (answer) => {
      await world.dynamodb.send(
        new PutItemCommand({ TableName: world.lockTable, Item: { cluster: { S: 'asked/stop' }, holder: { S: arn } } }),
      );
      return answer();
    },
    'cp-3',
  );
  arn = await world.start('upgrade', { cluster: 'asked', version: TARGET });
  const ended = await world.succeeded(arn);
  expect(ended.output).toMatchObject({ outcome: 'stopped' });
  expect(outcomes(ended)).toEqual({
    ...{ 'cp-2': 'upgraded', 'cp-3': 'upgraded', 'cp-1': 'not-begun' },
    ...{ 'worker-1': 'not-begun', 'worker-2': 'not-begun' },
  });
  const since = world.calls.length;
  await upgrade(asked);
  await expectUpgraded(asked);
  expect(kubelets(since)).toEqual(['cp-1', 'worker-1', 'worker-2']);
});

test('the cluster changes between the plan and the lock: a sentence, and nothing is done', async () => {
  const changing = cluster('changing', { workers: 1, loadBalancer: false });
  let asked = 0;
  changing.onStep = async (call, next) => {
    if (call.step === 'inspect-for-upgrade' && call.node.name === 'worker-1' && (asked += 1) === 2)
      call.node.versions.kubelet = TARGET;
    return next();
  };
  const since = world.calls.length;
  const ended = await world.run('upgrade', { cluster: 'changing', version: TARGET });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'PlanChanged' });
  expect(ended.cause).toMatch(/^changing has changed between the plan and the lock, so nothing was done .*\.$/);
  expect(world.sent(since).filter((command) => !command.startsWith('inspect'))).toEqual([]);
});

test('a chain over two minors, and planOnly changes nothing', async () => {
  const chain = cluster('chain', { version: '1.35.5', controlPlanes: 3, workers: 2, loadBalancer: false });
  const { output: planned } = await upgrade(chain, { planOnly: true });
  expect(planned.plan.hops.map(({ version }: Loose) => version)).toEqual(['1.36.6', TARGET]);
  const { output } = await upgrade(chain);
  await expectUpgraded(chain);
  expect(output).toMatchObject({ outcome: 'upgraded', plan: { kind: 'chain', from: '1.35.5' } });
});

test('progress is told on the bus: the beginning and the end of each step, by the node that it is about', async () => {
  const told = cluster('told', { workers: 1, loadBalancer: false });
  const since = world.events.length;
  await upgrade(told);
  const progress = () =>
    world
      .onBus(since)
      .flatMap(([type, detail]) => (type === 'Node Progress' && detail.cluster === 'told' ? [detail] : []));
  await until('the last step is told', () =>
    progress().some(
      ({ step, state, node }) => step === 'uncordon-node' && state === 'succeeded' && node === 'worker-1',
    ),
  );
  for (const state of ['started', 'succeeded'])
    expect(
      progress()
        .filter((one) => one.state === state)
        .map(({ step, node }) => `${step} ${node}`)
        .sort(),
    ).toEqual([
      ...['cp-1', 'worker-1'].map((node) => `drain-node ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `stage-upgrade ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `uncordon-node ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `upgrade-kubeadm ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `upgrade-kubelet ${node}`),
    ]);
});

/** The settings of a cluster, as `cdk deploy` writes them. */
async function settings(name: string, upgradeSettings: object): Promise<void> {
  await world.ssm.send(
    new PutParameterCommand({
      Name: `/kubeadm-autopilot/clusters/${name}`,
      Value: JSON.stringify({ cluster: name, upgrade: upgradeSettings }),
      Type: 'String',
    }),
  );
}

/** What had been drained has been uncordoned, and the lock given back. */
const unlocked = (of: ScriptedCluster) => world.passUntil(async () => (await world.lockHolder(of.name)) === undefined);
