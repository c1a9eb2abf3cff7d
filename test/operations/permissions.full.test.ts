import { AwsError } from '../../local/aws/aws-call';
import { DEPENDENT_ACTIONS } from '../../local/iam/dependent-actions';
import type { ApiClient } from '../../cli/api/client';
import { apiOf } from '../helpers/api';
import { resourcesOf } from '../helpers/template';
import { failure } from '../../local/nodes/scripted/outcomes';
import type { ScriptedCluster } from '../../local/nodes/scripted/scripted-cluster';
import { deny } from './helpers/faults';
import { secretsLeft } from './helpers/repair';
import { once } from './helpers/scripted';
import { World, until } from './helpers/world';
import type { Ended, Loose } from './helpers/world';

describe('a right that a role does not have', () => {
  let world: World;
  afterEach(() => world?.stop());

  test('the Lambda is denied in the words of AWS, and the execution says so', async () => {
    world = await World.startScripted(without('FindNodesRole', 'ssm:GetParameter'));
    world.scriptedCluster('solo');
    const ended = await world.run('check-certificates', { cluster: 'solo' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'AccessDeniedException' });
    expect(ended.cause).toMatch(
      /User: arn:aws:sts::000000000000:assumed-role\/\S*FindNodesRole\S*\/\S+ is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-central-1:000000000000:parameter\/kubeadm-autopilot\/clusters\/solo because no identity-based policy allows the ssm:GetParameter action/,
    );
    expect(ended.cause).toMatch(/deploy the app again/);
    expect(world.sent()).toEqual([]);
  });

  test('a right that registering a target depends on: told, and another role registers it', async () => {
    world = await World.startScripted(without('ReturnToLoadBalancerRole', 'ec2:DescribeVpcs'));
    const { targetGroup } = world.scriptedCluster('three', { controlPlanes: 3 });
    const isHealthy = () =>
      until('its control planes are healthy in its load balancer', async () => {
        world.aws.clock.advance(10_000);
        return (await targetGroup!.targets()).map(({ state }) => state).join() === 'healthy,healthy,healthy';
      });
    await isHealthy();
    const ended = await world.run('renew-certificates', { cluster: 'three', force: true });
    expect(ended).toMatchObject({ status: 'FAILED', error: expect.stringMatching(/^AccessDenied/) });
    expect(ended.cause).toMatch(
      /User: \S*ReturnToLoadBalancerRole\S* is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action/,
    );
    expect(ended.cause).toMatch(/deploy the app again/);
    await isHealthy();
  });
});

/** For World.startScripted: takes an action out of the policies of a role. */
function without(role: string, action: string) {
  return (template: Loose): void => {
    for (const [id, { Type, Properties }] of Object.entries<Loose>(template.Resources)) {
      if (Type !== 'AWS::IAM::Policy' || !id.startsWith(role)) continue;
      for (const statement of Properties.PolicyDocument.Statement)
        statement.Action = [statement.Action].flat().filter((allowed: string) => allowed !== action);
    }
  };
}

const FAIL_THE_CHECK = [
  ['FindNodesRole', 'ssm:GetParameter'],
  ['FindNodesRole', 'dynamodb:GetItem'],
  ['FindNodesRole', 'ec2:DescribeInstances'],
  ['FindNodesRole', 'ssm:DescribeInstanceInformation'],
  ['CheckCommandRole', 'ssm:DescribeInstanceInformation'],
  ['ReadCommandRole', 'ssm:ListCommandInvocations'],
  ['ReadCommandRole', 'ssm:GetCommandInvocation'],
  ['AssessCertificatesRole', 'events:PutEvents'],
] as const;
/** What is asked before a node is changed. */
const FAIL_THE_RENEWAL = [
  ['CheckCommandRole', 'states:DescribeExecution'],
  ['CheckCommandRole', 'ec2:DescribeTags'],
  ['CheckCommandRole', 'dynamodb:PutItem'],
] as const;
/** Findings and proofs do not depend on metrics. */
const COST_NOTHING = [
  ['check-certificates', 'AssessCertificatesRole', 'cloudwatch:PutMetricData'],
  ['renew-certificates', 'VerifyRenewalRole', 'cloudwatch:PutMetricData'],
  ['back-up-etcd', 'VerifySnapshotRole', 'cloudwatch:PutMetricData'],
] as const;
const TELL_LESS = [
  ['ConcludeFailureRole', 'events:PutEvents'],
  ['ConcludeFailureRole', 'sns:Publish'],
  ['ConcludeFailureRole', 'dynamodb:GetItem'],
  ['ConcludeFailureRole', 'dynamodb:DeleteItem'],
] as const;
const KEEP_THE_LOCK = [
  ['TakeOverLockRole', 'dynamodb:GetItem'],
  ['TakeOverLockRole', 'dynamodb:PutItem'],
  ['TakeOverLockRole', 'states:DescribeExecution'],
] as const;
const TRIED_AGAIN = [
  ['OnOperationEndedRole', 'dynamodb:GetItem'],
  ['OnOperationEndedRole', 'dynamodb:DeleteItem'],
  ['OnOperationEndedRole', 'states:DescribeExecution'],
] as const;
const FAIL_THE_REPAIR = [
  ['BootstrapSecretRole', 'dynamodb:GetItem'],
  ['BootstrapSecretRole', 'dynamodb:PutItem'],
  ['BootstrapSecretRole', 'dynamodb:DeleteItem'],
  ['BootstrapSecretRole', 'ssm:PutParameter'],
  ['BootstrapSecretRole', 'ssm:DeleteParameter'],
  ['BootstrapSecretRole', 'states:DescribeExecution'],
] as const;
const FAIL_THE_BACKUP = [
  ['PrepareSnapshotRole', 'dynamodb:GetItem'],
  ['PrepareSnapshotRole', 'dynamodb:PutItem'],
  ['PrepareSnapshotRole', 'ssm:PutParameter'],
  ['PrepareSnapshotRole', 'states:DescribeExecution'],
  ['VerifySnapshotRole', 'dynamodb:GetItem'],
  ['VerifySnapshotRole', 'dynamodb:DeleteItem'],
  ['VerifySnapshotRole', 's3:GetObject'],
  ['VerifySnapshotRole', 'ssm:DeleteParameter'],
] as const;
/** What the API cannot answer without a right. */
const FAIL_THE_API: [action: string, ask: (api: ApiClient) => Promise<unknown>][] = [
  ...['dynamodb:Scan', 'ec2:DescribeInstances', 'ssm:GetParametersByPath'].map(
    (action): (typeof FAIL_THE_API)[number] => [action, (api) => api.call('listClusters', {})],
  ),
  ...['dynamodb:GetItem', 'ssm:GetParameter', 'ssm:DescribeInstanceInformation', 'states:ListExecutions'].map(
    (action): (typeof FAIL_THE_API)[number] => [action, (api) => api.call('describeCluster', { parameters: SOLO })],
  ),
  ...['DescribeTargetGroups', 'DescribeTargetHealth'].map((action): (typeof FAIL_THE_API)[number] => [
    `elasticloadbalancing:${action}`,
    (api) => api.call('examineCluster', { parameters: SOLO }),
  ]),
  ['autoscaling:DescribeAutoScalingGroups', (api) => api.call('examineCluster', { parameters: SOLO })],
  ['lambda:InvokeFunction', (api) => api.call('startOperation', { parameters: CHECK_SOLO })],
  ['dynamodb:PutItem', (api) => api.call('freezeCluster', { parameters: SOLO, body: { reason: 'a test' } })],
  ['dynamodb:DeleteItem', (api) => api.call('unfreezeCluster', { parameters: SOLO })],
  ['ssm:ListCommandInvocations', (api) => api.call('describeNodeCommands', { parameters: { node: 'cp-1' } })],
  ['ssm:GetCommandInvocation', (api) => api.call('describeNodeCommands', { parameters: { node: 'cp-1' } })],
];
/** Of an operation that has run. */
const FAIL_THE_API_OF_AN_OPERATION = [
  ['states:DescribeExecution', 'describeOperation'],
  ['states:GetExecutionHistory', 'followOperation'],
] as const;
const SOLO = { cluster: 'solo' };
const CHECK_SOLO = { ...SOLO, operation: 'check-certificates' as const };
/** Each has a test of its own in load-balancer.full.test.ts, where there are target groups. */
const OF_LOAD_BALANCERS = [
  ...['DescribeTargetHealth', 'DescribeTargetGroups', 'RegisterTargets', 'DeregisterTargets'].map(
    (action) => `LeaveLoadBalancerRole elasticloadbalancing:${action}`,
  ),
  'LeaveLoadBalancerRole states:DescribeExecution',
  ...['events:PutEvents', 'sns:Publish'].map((action) => `LeaveLoadBalancerRole ${action}`),
  ...['Get', 'Put', 'Delete'].map((verb) => `LeaveLoadBalancerRole dynamodb:${verb}Item`),
  ...['DescribeTargetHealth', 'RegisterTargets'].map(
    (action) => `ReturnToLoadBalancerRole elasticloadbalancing:${action}`,
  ),
  'ReturnToLoadBalancerRole dynamodb:DeleteItem',
  'TakeOverLockRole dynamodb:DeleteItem',
  ...['TakeOverLock', 'ConcludeFailure', 'OnOperationEnded'].map(
    (name) => `${name}Role elasticloadbalancing:RegisterTargets`,
  ),
  ...['LeaveLoadBalancer', 'ReturnToLoadBalancer', 'TakeOverLock', 'ConcludeFailure', 'OnOperationEnded'].flatMap(
    (name) => DEPENDENT_ACTIONS['elasticloadbalancing:RegisterTargets']!.map((action) => `${name}Role ${action}`),
  ),
];
/** Denied in create-cluster.test.ts, but for those that only ask for addresses and health. */
const OF_NEW_TARGETS = [
  ...['DescribeTargetGroups', 'DescribeTargetHealth', 'RegisterTargets'].map(
    (action) => `RegisterTargetsRole elasticloadbalancing:${action}`,
  ),
  ...DEPENDENT_ACTIONS['elasticloadbalancing:RegisterTargets']!.map((action) => `RegisterTargetsRole ${action}`),
];
/** Denied in remove-node.full.test.ts. */
const OF_REMOVED_NODES = [
  ...['DeregisterTargets', 'DescribeTargetGroups', 'DescribeTargetHealth'].map(
    (action) => `elasticloadbalancing:${action}`,
  ),
  ...['dynamodb:DeleteItem', 'ec2:DescribeInstances'],
].map((action) => `DeregisterNodeRole ${action}`);
/** Each has a test of its own, here or in completion.test.ts; those last are only asked for what nobody waits for. */
const ELSEWHERE = [
  ['TakeOverLockRole', 'ssm:DeleteParameter'],
  ['ConcludeFailureRole', 'ssm:DeleteParameter'],
  ['OnOperationEndedRole', 'ssm:DeleteParameter'],
  ['StartOperationRole', 'states:StartExecution'],
  ['CompleteCommandRole', 'states:SendTaskSuccess'],
  ['CompleteCommandRole', 'ssm:ListCommands'],
  ['StartOperationRole', 'states:DescribeExecution'],
  ['OnOperationEndedRole', 'events:PutEvents'],
  ['OnOperationEndedRole', 'sns:Publish'],
  // api.test.ts stops one that runs.
  ['ApiFunctionRole', 'states:StopExecution'],
  // By its presigned URL: that the upload is refused is what s3.test.ts shows.
  ['PrepareSnapshotRole', 's3:PutObject'],
  // Of a cut-off run's secrets.
  ['PrepareSnapshotRole', 'ssm:DeleteParameter'],
  ['PrepareSnapshotRole', 'dynamodb:DeleteItem'],
  // What they are for is shown in upgrade.test.ts: a stopped upgrade is uncordoned, and progress is told.
  ['OnOperationEndedRole', 'states:StartExecution'],
  ['ProgressTellProgressRole', 'events:PutEvents'],
  // approval-failing-steps.full.test.ts; twice: of the approval, and of who asked.
  ...(['GetItem', 'GetItem', 'PutItem', 'UpdateItem'] as const).map(
    (action) => ['RequestApprovalRole', `dynamodb:${action}`] as const,
  ),
  ['AwaitApprovalRole', 'dynamodb:UpdateItem'],
  ['AwaitApprovalRole', 'states:SendTaskSuccess'],
  ['StartOperationRole', 'dynamodb:PutItem'],
  ['ApiFunctionRole', 'dynamodb:GetItem'],
  ['ApiFunctionRole', 'dynamodb:UpdateItem'],
  ['ApiFunctionRole', 'states:SendTaskSuccess'],
  // Without them there is no upgrade, as all of upgrade.test.ts shows.
  ...['PlanUpgradeRole', 'VerifyUpgradeRole'].map((role) => [role, 'states:DescribeExecution'] as const),
  // upgrade-load-balancer.test.ts: the prediction alone depends on them.
  ...['DescribeTargetGroups', 'DescribeTargetHealth', 'DescribeTargetGroupAttributes'].map(
    (action) => ['PlanUpgradeRole', `elasticloadbalancing:${action}`] as const,
  ),
  // What they are for is shown in lifecycle-events.full.test.ts; where one is missing the state machine tries again, and its failure is an alarm.
  ...[
    ...['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat', 'ec2:DescribeInstances'],
    ...['ssm:DescribeInstanceInformation', 'ssm:GetParameter', 'states:DescribeExecution', 'lambda:InvokeFunction'],
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'events:PutEvents', 'sns:Publish'],
  ].map((action) => ['LifecycleEventsFollowLifecycleEventRole', action] as const),
  // report.test.ts; twice: of operations, and of the executions that they run.
  ['ReportsWriteReportRole', 'states:DescribeExecution'],
  ['ReportsWriteReportRole', 'states:GetExecutionHistory'],
  ['ReportsWriteReportRole', 'states:GetExecutionHistory'],
  ['ReportsWriteReportRole', 's3:PutObject'],
  ['ReportsWriteReportRole', 'events:PutEvents'],
  // report.full.test.ts: then the report is made of histories, and says what it could not read.
  ['ApiFunctionRole', 's3:GetObject'],
  ['ApiFunctionRole', 'states:GetExecutionHistory'],
  // So that S3 tells "not there" from "not allowed".
  ['VerifySnapshotRole', 's3:ListBucket'],
] as const;

describe('each right of each role, denied in turn', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.startScripted();
    world.scriptedCluster('solo', { tags: { 'aws:autoscaling:groupName': 'masters' } });
  });
  afterEach(() => (world.onCall = undefined));
  afterAll(() => world?.stop());

  function expectToldWell(ended: Ended, action: string): void {
    expect(`${ended.status} ${ended.cause}`).toMatch(/^FAILED \S+ failed with .*\.$/);
    expect(ended.cause).toContain(`is not authorized to perform: ${action}`);
    expect(ended.cause).toMatch(/deploy the app again/);
  }

  test.each(FAIL_THE_CHECK)('%s without %s: the check fails with a sentence', async (role, action) => {
    const denied = deny(world, action, role);
    const ended = await world.run('check-certificates', { cluster: 'solo', renew: false });
    expect(denied.times).toBeGreaterThan(0);
    expectToldWell(ended, action);
  });

  test.each(FAIL_THE_RENEWAL)('%s without %s: no node is changed, and the lock is given back', async (role, action) => {
    const denied = deny(world, action, role);
    const since = world.calls.length;
    const ended = await world.run('renew-certificates', { cluster: 'solo', force: true });
    expect(denied.times).toBeGreaterThan(0);
    expectToldWell(ended, action);
    expect(world.sent(since).filter((command) => command.startsWith('renew'))).toEqual([]);
    await until('the lock is given back', async () => (await world.lockHolder('solo')) === undefined);
  });

  test.each(TELL_LESS)(
    '%s without %s: the execution still tells what failed, and the lock is given back',
    async (role, action) => {
      const denied = deny(world, action, role);
      const { onCall } = world;
      // Fails with the lock held.
      world.onCall = (call, next) =>
        call.service === 'lambda' && String(call.input['FunctionName']).includes('AssessGate')
          ? Promise.reject(new AwsError('ResourceNotFoundException', 'Gone.', 404))
          : onCall!(call, next);
      const ended = await world.run('renew-certificates', { cluster: 'solo' });
      expect(ended).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('Gone.') });
      expect(denied.times).toBeGreaterThan(0);
      await until('the lock is given back', async () => (await world.lockHolder('solo')) === undefined);
    },
  );

  test.each(KEEP_THE_LOCK)('%s without %s: a lock that may be held is not taken', async (role, action) => {
    // The oldest: the event of its end has been handled long since.
    const dead = (await world.executions('check-certificates')).at(-1)!;
    await world.putLock('solo', dead);
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

  test.each(COST_NOTHING)('%s, %s without %s: it succeeds', async (operation, role, action) => {
    const denied = deny(world, action, role);
    const { output } = await world.runWell(operation, {
      cluster: 'solo',
      ...{ 'check-certificates': { renew: false }, 'renew-certificates': { force: true }, 'back-up-etcd': {} }[
        operation
      ],
    });
    expect(denied.times).toBeGreaterThan(0);
    expect(output).toMatchObject(
      {
        'check-certificates': { nodesChecked: 1 },
        'renew-certificates': { renewedNodes: ['cp-1'] },
        'back-up-etcd': { summary: expect.stringContaining('is saved at revision') },
      }[operation],
    );
  });

  test.each(TRIED_AGAIN)(
    '%s without %s for a while: the lock of a stopped execution is given back later',
    async (role, action) => {
      await world.putLock(
        'solo',
        world.machineArn('check-certificates').replace(':stateMachine:', ':execution:') +
          `:${action.replace(':', '-')}`,
      );
      let goOn = () => {};
      const heldUp = new Promise<void>((resolve) => (goOn = resolve));
      const denied = deny(world, action, role);
      const { onCall } = world;
      world.onCall = async (call, next) => {
        if (call.action === 'DescribeInstances') await heldUp;
        return onCall!(call, next);
      };
      const arn = await world.start('check-certificates', { cluster: 'solo' }, action.replace(':', '-'));
      await world.stopExecution(arn);
      await until('it was denied', () => denied.times > 0);
      world.onCall = undefined;
      goOn();
      // Lambda tries an asynchronous invocation again after a minute.
      await until('the lock is given back', async () => {
        world.aws.clock.advance(30_000);
        return (await world.lockHolder('solo')) === undefined;
      });
    },
  );

  test('SchedulesRole without lambda:InvokeFunction: the start ends up in the dead-letter queue', async () => {
    const denied = deny(world, 'lambda:InvokeFunction', 'SchedulesRole');
    const { onCall } = world;
    // The action is called Invoke, the right to it InvokeFunction.
    world.onCall = (call, next) =>
      onCall!(call.action === 'Invoke' ? { ...call, action: 'InvokeFunction' } : call, next);
    const since = world.calls.length;
    world.aws.clock.moveTo(world.aws.nextScheduledTime('check-certificates-demo', 'kubeadm-autopilot')!);
    await until('the start is denied', () => denied.times > 0);
    const letter = await until('the dead letter is there', () =>
      world.calls.slice(since).find(({ action }) => action === 'SendMessage'),
    );
    expect(letter.input['MessageBody']).toContain('"operation":"check-certificates"');
  });

  test.each(FAIL_THE_BACKUP)('%s without %s: the backup fails with a sentence', async (role, action) => {
    const denied = deny(world, action, role);
    const ended = await world.run('back-up-etcd', { cluster: 'solo' });
    expect(denied.times).toBeGreaterThan(0);
    expectToldWell(ended, action);
  });

  describe('of the API', () => {
    let api: ApiClient;
    beforeAll(async () => {
      api = await apiOf(world);
    });
    /** What AWS said is in the function's log: callers are not told how the app is built. */
    const failed = expect.objectContaining({ message: expect.stringMatching(/^The API failed at \w+\.$/) });

    test.each(FAIL_THE_API)('without %s: what needs it fails with a sentence', async (action, ask) => {
      const denied = deny(world, action, 'ApiFunctionRole');
      const { onCall } = world;
      // The action is called Invoke, the right to it InvokeFunction; who invokes is the function's role.
      world.onCall = (call, next) =>
        onCall!(
          call.service === 'lambda' && call.action === 'Invoke' ? { ...call, action: 'InvokeFunction' } : call,
          next,
        );
      await expect(ask(api)).rejects.toEqual(failed);
      expect(denied.times).toBeGreaterThan(0);
    });

    test.each(FAIL_THE_API_OF_AN_OPERATION)(
      'without %s: what needs it fails with a sentence',
      async (action, route) => {
        const { id } = await api.call('startOperation', { parameters: CHECK_SOLO, body: { renew: false } });
        const denied = deny(world, action, 'ApiFunctionRole');
        await expect(api.call(route, { parameters: { id } })).rejects.toEqual(failed);
        expect(denied.times).toBeGreaterThan(0);
      },
    );
  });

  describe('with a worker', () => {
    let manned: ScriptedCluster;
    beforeAll(() => void (manned = world.scriptedCluster('manned', { workers: 1 })));

    test.each(['ConcludeFailureRole', 'OnOperationEndedRole'])(
      '%s without ssm:DeleteParameter: the operation ends, and the secret goes all the same, in the end',
      async (role) => {
        once(manned, 'bootstrap-token', () => failure('make the token', 'nobody answers'));
        const denied = deny(world, 'ssm:DeleteParameter', role);
        if (role === 'OnOperationEndedRole') {
          const { onCall } = world;
          // conclude-failure does not come to it.
          world.onCall = (call, next) =>
            call.action === 'DeleteParameter' && call.caller.principal.includes('ConcludeFailureRole')
              ? Promise.reject(new AwsError('InternalServerError', 'Gone.', 500))
              : onCall!(call, next);
        }
        const ended = await world.run('renew-certificates', { cluster: 'manned', kubelets: true });
        expect(ended).toMatchObject({ status: 'FAILED', error: 'NodeStepFailed' });
        await until('it was denied', () => denied.times > 0);
        world.onCall = undefined;
        await until('the secret is gone', () => {
          world.aws.clock.advance(30_000);
          return secretsLeft(world, manned).length === 0;
        });
      },
    );

    test.each(FAIL_THE_REPAIR)('%s without %s: a repair of kubelets fails with a sentence', async (role, action) => {
      const denied = deny(world, action, role);
      const ended = await world.run('renew-certificates', { cluster: 'manned', kubelets: true });
      expect(denied.times).toBeGreaterThan(0);
      expectToldWell(ended, action);
      await until('the lock is given back', async () => (await world.lockHolder('manned')) === undefined);
    });
  });

  test('no right of a Lambda was left out', () => {
    const policies = resourcesOf<{ PolicyDocument: { Statement: { Action: string | string[] }[] } }>(
      'AWS::IAM::Policy',
    );
    const rights = Object.entries(policies)
      .map(
        ([id, { PolicyDocument }]) => [id.replace(/DefaultPolicy[0-9A-F]{8}$/, ''), PolicyDocument.Statement] as const,
      )
      // Their rights are what their states need: each state fails in failing-steps.full.test.ts.
      .filter(
        ([role]) =>
          !/^(<?RunOnNodes|BackUpEtcd|CheckCertificates|CreateCluster|JoinNode|LifecycleEventsStateMachine(Events)?|Reconfigure|RemoveNode|RenewCertificates|ReplaceNode|Schedules|UncordonNodes|Upgrade|UpgradeWorkers?)Role/.test(
            role,
          ),
      )
      // Denied in test/chat/permissions.test.ts.
      .filter(([role]) => !role.startsWith('Chat'))
      .flatMap(([role, statements]) =>
        statements.flatMap(({ Action }) => [Action].flat().map((action) => `${role} ${action}`)),
      )
      .filter((right) => !/ (logs|xray):/.test(right));
    const denied = [
      ...FAIL_THE_CHECK,
      ...FAIL_THE_RENEWAL,
      ...TELL_LESS,
      ...COST_NOTHING.map(([, role, action]) => [role, action] as const),
      ...KEEP_THE_LOCK,
      ...TRIED_AGAIN,
      ...FAIL_THE_REPAIR,
      ...FAIL_THE_BACKUP,
      ...FAIL_THE_API.map(([action]) => ['ApiFunctionRole', action] as const),
      ...FAIL_THE_API_OF_AN_OPERATION.map(([action]) => ['ApiFunctionRole', action] as const),
      ...ELSEWHERE,
    ];
    expect(
      [
        ...denied.map(([role, action]) => `${role} ${action}`),
        ...OF_LOAD_BALANCERS,
        ...OF_NEW_TARGETS,
        ...OF_REMOVED_NODES,
      ].sort(),
    ).toEqual(rights.map((right) => right.replace(/^\S*?(OnOperationEnded)/, '$1')).sort());
  });
});
