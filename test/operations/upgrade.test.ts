import { newCertificate, YEAR_MS } from '../../local/nodes/scripted/certificates';
import { cluster, expectUpgraded, kubelets, settings, stuck, TARGET, unlocked, upgrade } from './helpers/upgrades';
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

test('state transitions: 27 for a worker and 36 for a control plane, of which docs and estimate are made', async () => {
  const counted = async (controlPlanes: number, workers: number): Promise<number> => {
    const before = world.aws.usage.stateTransitions;
    const name = `counted-${controlPlanes}-${workers}`;
    await upgrade(world, cluster(world, name, { controlPlanes, workers, loadBalancer: false }));
    return world.aws.usage.stateTransitions - before;
  };
  const small = await counted(1, 2);
  const alone = await counted(1, 0);
  // One minor, and a group.
  expect(alone - 36).toBe(64);
  expect(small - alone - 2 * 27).toBe(13);
  expect((await counted(1, 4)) - small).toBe(2 * 27);
  expect((await counted(3, 2)) - small).toBe(2 * 36);
});

test('a certificate that would lose keeps kubeadm from renewing any: those that gain are renewed by name first', async () => {
  const made = cluster(world, 'long-lived', { controlPlanes: 3, workers: 1 });
  for (const { certificates } of made.controlPlanes) certificates.set('apiserver', newCertificate(10 * YEAR_MS));
  const before = made.controlPlanes.map(({ serials }) => serials);
  const since = world.calls.length;
  await upgrade(world, made);
  await expectUpgraded(world, made);
  const changing = world.sent(since).filter((command) => /^(renew|refresh|upgrade-kubeadm)/.test(command));
  const steps = ['renew-certificates', 'refresh-kubeconfigs', 'upgrade-kubeadm'];
  expect(changing).toEqual([
    ...['cp-2', 'cp-3', 'cp-1'].flatMap((name) => steps.map((step) => `${step} to ${name}`)),
    'upgrade-kubeadm to worker-1',
  ]);
  made.controlPlanes.forEach(({ serials }, index) => {
    const same = Object.keys(serials).filter((name) => serials[name] === before[index]![name]);
    expect(same).toEqual(['apiserver']);
  });
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

test('the canary goes alone, then a window of maxUnavailable slides on', async () => {
  const waves = cluster(world, 'waves', { workers: 7, loadBalancer: false });
  await settings(world, 'waves', { maxUnavailable: 3 });
  let atWork = 0;
  const seen: [string, number][] = [];
  waves.secondsOf = ({ step, node }) => (step === 'upgrade-kubelet' ? (node.name === 'worker-2' ? 100 : 10) : 1);
  waves.onStep = async (call, next) => {
    if (call.step === 'upgrade-kubeadm' && call.node.role === 'worker') seen.push([call.node.name, (atWork += 1)]);
    if (call.step === 'uncordon-node' && call.parameters['Node']?.startsWith('worker')) atWork -= 1;
    return next();
  };
  await upgrade(world, waves);
  await expectUpgraded(world, waves);
  expect(seen[0]).toEqual(['worker-1', 1]);
  expect(seen[1]![1]).toBe(1);
  expect(Math.max(...seen.map(([, many]) => many))).toBe(3);
  // worker-2 takes ten times as long: the window slides on beside it.
  expect(seen.map(([name]) => name).slice(-1)).toEqual(['worker-7']);
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
