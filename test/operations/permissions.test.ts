import { deny } from './helpers/faults';
import { World, until } from './helpers/world';
import type { Ended, Loose } from './helpers/world';

jest.setTimeout(120_000);

describe('a right that a role does not have', () => {
  let world: World;
  afterEach(() => world?.stop());

  test('the Lambda is denied in the words of AWS, and the execution says so', async () => {
    world = await World.start((template) => {
      for (const [id, { Type, Properties }] of Object.entries<Loose>(template.Resources)) {
        if (Type !== 'AWS::IAM::Policy' || !id.startsWith('FindNodesRole')) continue;
        Properties.PolicyDocument.Statement = Properties.PolicyDocument.Statement.filter(
          ({ Action }: Loose) => ![Action].flat().includes('ssm:GetParameter'),
        );
      }
    });
    await world.cluster('solo');
    const ended = await world.run('check-certificates', { cluster: 'solo' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'AccessDeniedException' });
    expect(ended.cause).toMatch(
      /User: arn:aws:sts::000000000000:assumed-role\/\S*FindNodesRole\S*\/\S+ is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-central-1:000000000000:parameter\/kubeadm-autopilot\/clusters\/solo because no identity-based policy allows the ssm:GetParameter action/,
    );
    expect(ended.cause).toMatch(/deploy the app again/);
    expect(world.sent()).toEqual([]);
  });
});

describe('each right of each role, denied in turn', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await world.cluster('solo');
  });
  afterEach(() => (world.onCall = undefined));
  afterAll(() => world?.stop());

  function expectToldWell(ended: Ended, action: string): void {
    expect(`${ended.status} ${ended.cause}`).toMatch(/^FAILED \S+ failed with .*\.$/);
    expect(ended.cause).toContain(`is not authorized to perform: ${action}`);
    expect(ended.cause).toMatch(/deploy the app again/);
  }

  test.each([
    ['FindNodesRole', 'ssm:GetParameter'],
    ['FindNodesRole', 'ec2:DescribeInstances'],
    ['FindNodesRole', 'ssm:DescribeInstanceInformation'],
    ['ReadCommandRole', 'ssm:ListCommandInvocations'],
    ['ReadCommandRole', 'ssm:GetCommandInvocation'],
    ['AssessCertificatesRole', 'cloudwatch:PutMetricData'],
    ['AssessCertificatesRole', 'events:PutEvents'],
  ])('%s without %s: the check fails with a sentence', async (role, action) => {
    const denied = deny(world, action, role);
    const ended = await world.run('check-certificates', { cluster: 'solo', renew: false });
    expect(denied.times).toBeGreaterThan(0);
    expectToldWell(ended, action);
  });

  test.each([
    ['ConcludeFailureRole', 'events:PutEvents'],
    ['ConcludeFailureRole', 'sns:Publish'],
    ['ConcludeFailureRole', 'dynamodb:DeleteItem'],
  ])('%s without %s: the execution still tells what failed, and the lock is given back', async (role, action) => {
    const denied = deny(world, action, role);
    const { onCall } = world;
    // Fails with the lock held.
    world.onCall = (call, next) =>
      call.service === 'lambda' && String(call.input['FunctionName']).includes('AssessGate')
        ? Promise.reject(
            Object.assign(new Error('Gone.'), {
              name: 'ResourceNotFoundException',
              code: 'ResourceNotFoundException',
              status: 404,
            }),
          )
        : onCall!(call, next);
    const ended = await world.run('renew-certificates', { cluster: 'solo' });
    expect(ended).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('Gone.') });
    expect(denied.times).toBeGreaterThan(0);
    await until('the lock is given back', async () => (await world.lockHolder('solo')) === undefined);
  });

  test.each([
    ['TakeOverLockRole', 'dynamodb:GetItem'],
    ['TakeOverLockRole', 'dynamodb:PutItem'],
    ['TakeOverLockRole', 'states:DescribeExecution'],
  ])('%s without %s: a lock that may be held is not taken', async (role, action) => {
    const [dead] = await world.executions('check-certificates');
    await world.putLock('solo', dead!);
    const denied = deny(world, action, role);
    const since = world.calls.length;
    const ended = await world.run('renew-certificates', { cluster: 'solo' });
    expect(denied.times).toBeGreaterThan(0);
    expectToldWell(ended, action);
    expect(await world.lockHolder('solo')).toBe(dead);
    expect(world.sent(since).filter((command) => command.startsWith('renew'))).toEqual([]);
    await world.deleteLock('solo');
  });

  test('StartOperationRole without states:StartExecution: nothing starts now, and it does as soon as it may', async () => {
    const checks = await world.executions('check-certificates');
    const denied = deny(world, 'states:StartExecution', 'StartOperationRole');
    world.aws.clock.moveTo(world.aws.nextScheduledTime('check-certificates-demo', 'kubeadm-autopilot')!);
    await until('the start is denied', () => denied.times > 0);
    expect(await world.executions('check-certificates')).toEqual(checks);
    world.onCall = undefined;
    // Lambda tries an asynchronous invocation again after a minute.
    await until('the check starts', async () => {
      world.aws.clock.advance(30_000);
      return (await world.executions('check-certificates')).length > checks.length;
    });
    const [latest] = await world.executions('check-certificates');
    // The schedule is that of a cluster that is not here.
    expect(await world.end(latest!)).toMatchObject({ status: 'FAILED', error: 'UnknownCluster' });
  });

  test('VerifyRenewalRole without cloudwatch:PutMetricData: renewed, and the failure told', async () => {
    const denied = deny(world, 'cloudwatch:PutMetricData', 'VerifyRenewalRole');
    const ended = await world.run('renew-certificates', { cluster: 'solo' });
    expect(denied.times).toBeGreaterThan(0);
    expectToldWell(ended, 'cloudwatch:PutMetricData');
    await until('the lock is given back', async () => (await world.lockHolder('solo')) === undefined);
    world.onCall = undefined;
    const { output } = await world.runWell('renew-certificates', { cluster: 'solo' });
    expect(output.plan.decision).toBe('nothing');
  });
});
