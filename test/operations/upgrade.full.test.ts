import { cluster, expectUpgraded, kubelets, outcomes, stuck, upgrade } from './helpers/upgrades';
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
