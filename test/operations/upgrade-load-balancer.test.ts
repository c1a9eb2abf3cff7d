import { deny } from './helpers/faults';
import { cluster, upgrade } from './helpers/upgrades';
import { World } from './helpers/world';
import { DEREGISTRATION_SECONDS, HEALTHY_SECONDS } from '../../lambdas/functions/plan-upgrade/predict-upgrade';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

/** What the plan says that a control plane takes. */
const predicted = async (of: Parameters<typeof upgrade>[1]): Promise<number> =>
  (await upgrade(world, of, { planOnly: true })).output.plan.steps[0].predictedSeconds;

test('a control plane takes as much longer as its target group says, and no longer where it is in none', async () => {
  const behind = cluster(world, 'behind', { controlPlanes: 3 });
  const inNone = cluster(world, 'in-none', { controlPlanes: 3, loadBalancer: false });
  const SETTLE_SECONDS = 30;
  const { deregistrationSeconds } = behind.targetGroup!;
  expect((await predicted(behind)) - (await predicted(inNone))).toBe(
    deregistrationSeconds + SETTLE_SECONDS + HEALTHY_SECONDS,
  );
});

test.each(['DescribeTargetGroups', 'DescribeTargetHealth', 'DescribeTargetGroupAttributes'])(
  'without the right to %s there is a plan all the same, of the default',
  async (action) => {
    const one = cluster(world, `without-${action.toLowerCase().replace(/^describe/, '')}`, { controlPlanes: 3 });
    const asked = await predicted(one);
    const denied = deny(world, `elasticloadbalancing:${action}`, 'PlanUpgradeRole');
    expect((await predicted(one)) - asked).toBe(DEREGISTRATION_SECONDS - one.targetGroup!.deregistrationSeconds);
    expect(denied.times).toBeGreaterThan(0);
  },
);
