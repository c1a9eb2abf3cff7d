import { apiOf } from '../helpers/api';
import { once } from './helpers/scripted';
import { settings } from './helpers/upgrades';
import { DAY, World } from './helpers/world';

let world: World;
beforeAll(async () => {
  world = await World.startScripted();
});
afterAll(() => world?.stop());

/** Opens that many hours from now, every day. */
async function windowIn(cluster: string, hours: number): Promise<void> {
  const opens = new Date(world.aws.clock.now().getTime() + hours * 3_600_000);
  const cron = `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * *`;
  await settings(world, cluster, {}, { maintenance: { windows: [{ cron, hours: 2 }] } });
}
const renewals = (since: number) => world.sent(since).filter((sent) => sent.startsWith('renew-certificates'));

test('by hand it is refused outside the window; the one that the check starts waits for it', async () => {
  world.scriptedCluster('held', { leafSeconds: 12 * DAY });
  await windowIn('held', 6);
  const since = world.calls.length;
  expect(await world.run('renew-certificates', { cluster: 'held' })).toMatchObject({
    error: 'GateRefused',
    cause: expect.stringMatching(/outside the cluster's maintenance windows.*or now with the option waitForWindow/),
  });
  expect(renewals(since)).toEqual([]);

  const began = world.aws.clock.now().getTime();
  const { output } = await world.runWell('check-certificates', { cluster: 'held' });
  const renewal = await world.succeeded(output.nextExecutionArn);
  expect(renewal.output.renewedNodes).toEqual(['cp-1']);
  expect(world.aws.clock.now().getTime() - began).toBeGreaterThan(5 * 3_600_000);
  expect(await world.entered(output.nextExecutionArn)).toContain('Wait until the maintenance window opens');
});

test('what cannot wait is renewed at once', async () => {
  world.scriptedCluster('urgent', { leafSeconds: 2 * DAY });
  await windowIn('urgent', 20);
  const { arn, output } = await world.runWell('renew-certificates', { cluster: 'urgent' });
  expect(output.renewedNodes).toEqual(['cp-1']);
  expect(await world.entered(arn)).not.toContain('Wait until the maintenance window opens');
});

test('it begins no node that would not be done when the window closes; the next one goes on', async () => {
  const cluster = world.scriptedCluster('short', { controlPlanes: 3, leafSeconds: 12 * DAY });
  const { output: planned } = await world.runWell('renew-certificates', { cluster: 'short', planOnly: true });
  const longest = Math.max(...planned.plan.steps.map((step: { predictedSeconds: number }) => step.predictedSeconds));
  // A minute and a half is left for nodes to begin, and the first one takes longer.
  const closes = new Date(Math.ceil(world.aws.clock.now().getTime() / 60_000 + longest / 60 + 1.5) * 60_000);
  const cron = `${closes.getUTCMinutes()} ${(closes.getUTCHours() + 22) % 24} * * *`;
  await settings(world, 'short', {}, { maintenance: { windows: [{ cron, hours: 2 }] } });
  once(cluster, 'renew-certificates', async (answer) => {
    world.aws.clock.advance(180_000);
    return answer();
  });
  const { arn, output } = await world.runWell('renew-certificates', { cluster: 'short' });
  expect(output).toMatchObject({ notBegun: expect.any(Array), summary: expect.stringContaining('stopped before') });
  expect([output.renewedNodes.length, output.notBegun.length]).toEqual([1, 2]);
  expect(await world.entered(arn)).toContain('Stop when the maintenance window closes');
  expect(await world.lockHolder('short')).toBeUndefined();
});

test('a freeze while it runs lets the node be finished and no other begin; then it goes on', async () => {
  const cluster = world.scriptedCluster('frozen', { controlPlanes: 3, leafSeconds: 12 * DAY });
  const api = await apiOf(world);
  once(cluster, 'renew-certificates', async (answer) => {
    await world.despite(1, () =>
      api.call('freezeCluster', { parameters: { cluster: 'frozen' }, body: { reason: 'audit' } }),
    );
    return answer();
  });
  const { output } = await world.runWell('renew-certificates', { cluster: 'frozen' });
  expect([output.renewedNodes.length, output.notBegun.length]).toEqual([1, 2]);
  await api.call('unfreezeCluster', { parameters: { cluster: 'frozen' } });
  const since = world.calls.length;
  const rest = await world.runWell('renew-certificates', { cluster: 'frozen' });
  expect(rest.output.renewedNodes.sort()).toEqual([...output.notBegun].sort());
  expect(renewals(since)).toHaveLength(2);
});
