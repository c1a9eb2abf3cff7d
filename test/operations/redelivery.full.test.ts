import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { AwsError } from '../../local/aws/aws-call';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { injectFaults } from './helpers/faults';
import { World, until } from './helpers/world';

let world: World;
let cluster: ScriptedCluster;
beforeAll(async () => {
  world = await World.startScripted();
  cluster = world.scriptedCluster('demo', { leafSeconds: 80 * 24 * 3600 });
});
afterEach(() => (world.onCall = undefined));
afterAll(() => world?.stop());

test('the same schedule delivered twice starts one check', async () => {
  let deliveries = 0;
  world.onCall = async (call, next) => {
    const byScheduler = call.service === 'lambda' && call.caller.principal.includes('SchedulesRole');
    if (!byScheduler) return next();
    deliveries += 2;
    await next();
    return next();
  };
  const next = () => world.aws.nextScheduledTime('check-certificates-demo', 'kubeadm-autopilot')!;
  world.aws.clock.moveTo(next());
  await until(
    'both deliveries have been answered',
    () => world.calls.filter(({ service, action }) => service === 'states' && action === 'StartExecution').length >= 2,
  );
  expect(deliveries).toBe(2);
  const [first, ...more] = await world.executions('check-certificates');
  expect(more).toEqual([]);
  await world.succeeded(first!);

  // The next day's is another one.
  world.onCall = undefined;
  world.aws.clock.moveTo(next());
  const second = await until('the next day starts a check', async () => {
    const [latest] = await world.executions('check-certificates');
    return latest !== first && latest;
  });
  await world.succeeded(second);
  expect(await world.executions('check-certificates')).toHaveLength(2);
});

/** Changes the cluster's settings. */
const renewUnder = (thresholdDays: number) =>
  world.ssm.send(
    new PutParameterCommand({
      Name: '/kubeadm-autopilot/clusters/demo',
      Value: JSON.stringify({ cluster: 'demo', certificates: { thresholdDays } }),
      Overwrite: true,
    }),
  );

test('a check that does not hear that its renewal has started, redriven: one renewal', async () => {
  const had = cluster.node('cp-1').serials;
  await injectFaults(world, {
    machine: 'check-certificates',
    state: 'Start the renewal',
    times: 1,
    instead: async (_call, next) => {
      await next();
      // One that is not tried again.
      throw new AwsError('ResourceNotFoundException', 'The answer got lost.', 404);
    },
  });
  // Makes findings of certificates that have 80 days left.
  await renewUnder(100);
  const arn = await world.start('check-certificates', { cluster: 'demo' });
  const check = await world.end(arn);
  expect(check.status).toBe('FAILED');
  const renewals = await world.executions('renew-certificates');
  expect(renewals).toHaveLength(1);

  await world.redrive(arn);
  await world.end(arn);
  expect(await world.executions('renew-certificates')).toEqual(renewals);
  await world.succeeded(renewals[0]!);
  for (const [file, serial] of Object.entries(cluster.node('cp-1').serials))
    expect(`${file} ${serial}`).not.toBe(`${file} ${had[file]}`);
  expect(world.sent().filter((command) => command.startsWith('renew-certificates'))).toHaveLength(1);
});

test('a check that was stopped before it started the renewal, redriven: one renewal, and the check knows it', async () => {
  let stopped = '';
  await injectFaults(world, {
    machine: 'check-certificates',
    state: 'Start the renewal',
    times: 1,
    instead: async (_call, next) => {
      const answer = await next();
      await world.stopExecution(stopped);
      return answer;
    },
  });
  const before = await world.executions('renew-certificates');
  await renewUnder(3000);
  stopped = await world.start('check-certificates', { cluster: 'demo' });
  expect((await world.end(stopped)).status).toBe('ABORTED');
  world.onCall = undefined;
  await world.redrive(stopped);
  const check = await world.succeeded(stopped);
  const renewals = await world.executions('renew-certificates');
  expect(renewals).toHaveLength(before.length + 1);
  expect(check.output.nextExecutionArn).toBe(renewals[0]);
  // All was renewed by the test before.
  expect((await world.succeeded(renewals[0]!)).output.plan.decision).toBe('nothing');
});
