import { cluster, expectUpgraded, kubelets, stuck, TARGET, unlocked, upgrade } from './helpers/upgrades';
import { World, until } from './helpers/world';
import type { Loose } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

test('one control plane and one worker', async () => {
  const small = cluster(world, 'small', { workers: 1, loadBalancer: false });
  const since = world.calls.length;
  const { output } = await upgrade(world, small);
  await expectUpgraded(world, small);
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
    'back-up-etcd to cp-1',
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
  const again = await upgrade(world, small);
  expect(again.output).toMatchObject({ outcome: 'nothing', plan: { decision: 'nothing' } });
});

test('etcd that is too old for the minor is raised first, one member after the other out of the load balancer', async () => {
  const old = cluster(world, 'old-etcd', { controlPlanes: 3, workers: 1 });
  for (const name of ['cp-1', 'cp-3']) old.node(name).etcdVersion = '3.6.8';
  const since = world.calls.length;
  const { output } = await upgrade(world, old);
  await expectUpgraded(world, old);
  const changing = world.sent(since).filter((command) => /^(raise-etcd|upgrade-kubeadm)/.test(command));
  expect(changing).toEqual([
    ...['raise-etcd to cp-3', 'raise-etcd to cp-1'],
    ...['cp-2', 'cp-3', 'cp-1', 'worker-1'].map((name) => `upgrade-kubeadm to ${name}`),
  ]);
  expect(output.rows.find(({ node }: Loose) => node === 'cp-3').seconds).toHaveProperty('raise-etcd');
  expect(output.snapshot.objects).toHaveLength(3);
});

test('three control planes behind a load balancer, and workers', async () => {
  const three = cluster(world, 'three', { controlPlanes: 3, workers: 4 });
  const { output } = await upgrade(world, three);
  await expectUpgraded(world, three);
  expect(output.rows.map(({ node }: Loose) => node)).toEqual([
    ...['cp-2', 'cp-3', 'cp-1'],
    ...['worker-1', 'worker-2', 'worker-3', 'worker-4'],
  ]);
});

test('a drain that is stuck, stop: it ends there with pod and budget, and the node takes pods again', async () => {
  const held = await stuck(world, 'stuck-stop', 'stop');
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
  await unlocked(world, held);
  expect(held.node('worker-2').versions.kubelet).toBe('1.36.3');
  held.kubernetes.budgets.set('shop/cart', 1);
  const since2 = world.calls.length;
  await upgrade(world, held);
  await expectUpgraded(world, held);
  expect(kubelets(world, since2)).toEqual(['worker-1', 'worker-2']);
});

test('the cluster changes between the plan and the lock: a sentence, and nothing is done', async () => {
  const changing = cluster(world, 'changing', { workers: 1, loadBalancer: false });
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

test('progress is told on the bus: the beginning and the end of each step, by the node that it is about', async () => {
  const told = cluster(world, 'told', { workers: 1, loadBalancer: false });
  const since = world.events.length;
  await upgrade(world, told);
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
      'back-up-etcd cp-1',
      ...['cp-1', 'worker-1'].map((node) => `drain-node ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `stage-upgrade ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `uncordon-node ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `upgrade-kubeadm ${node}`),
      ...['cp-1', 'worker-1'].map((node) => `upgrade-kubelet ${node}`),
    ]);
});
