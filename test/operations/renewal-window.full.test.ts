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
    cause: expect.stringMatching(/outside the cluster's maintenance windows.*or now with waitForWindow/),
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
