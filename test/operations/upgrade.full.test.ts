import { newCertificate, YEAR_MS } from '../../local/nodes/scripted/certificates';
import { cluster, expectUpgraded, kubelets, outcomes, settings, stuck, upgrade } from './helpers/upgrades';
import { World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = world.onEvent = undefined));
afterAll(() => world?.stop());

test('groups follow each other, each with a canary of its own', async () => {
  const groups = cluster(world, 'groups', { workers: 4, groups: ['blue', 'green'], loadBalancer: false });
  const since = world.calls.length;
  await upgrade(world, groups);
  await expectUpgraded(world, groups);
  expect(kubelets(world, since)).toEqual(['cp-1', 'worker-1', 'worker-3', 'worker-2', 'worker-4']);
});

describe('a drain that is stuck', () => {
  test('skip: the node is left as it is, and the others go on', async () => {
    const held = await stuck(world, 'stuck-skip', 'skip');
    const ended = await upgrade(world, held);
    expect(ended.output).toMatchObject({ outcome: 'partly' });
    expect(outcomes(ended)).toEqual({ 'cp-1': 'upgraded', 'worker-1': 'skipped', 'worker-2': 'upgraded' });
    expect([...held.kubernetes.cordoned]).toEqual([]);
  });

  test('force: the pod goes', async () => {
    const held = await stuck(world, 'stuck-force', 'force');
    await upgrade(world, held);
    await expectUpgraded(world, held);
  });

  test('wait: it gets the same time once more', async () => {
    const held = await stuck(world, 'stuck-wait', 'wait');
    let drains = 0;
    held.onStep = async (call, next) => {
      if (call.step === 'drain-node' && call.parameters['Node'] === 'worker-1' && (drains += 1) === 3)
        held.kubernetes.budgets.set('shop/cart', 1);
      return next();
    };
    await upgrade(world, held);
    await expectUpgraded(world, held);
  });
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
