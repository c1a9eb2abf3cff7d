import { NODE_STEPS } from '../../lib/node-access/node-steps';
import { DEPENDENT_ACTIONS } from '../../local/iam/dependent-actions';
import { resourcesOf } from '../helpers/template';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string>>;
}
interface Policy {
  PolicyDocument: { Statement: Statement[] };
  Roles: string[];
}

const statements = Object.values(resourcesOf<Policy>('AWS::IAM::Policy')).flatMap(({ PolicyDocument, Roles }) =>
  PolicyDocument.Statement.map((statement) => ({ ...statement, role: Roles.join() })),
);
const list = (value: string | string[]) => [value].flat();
const allowing = (action: string) =>
  statements.filter(({ Action }) => list(Action).some((allowed) => allowed.toLowerCase() === action.toLowerCase()));
const rolesAllowed = (action: string) => [...new Set(allowing(action).map(({ role }) => role))].sort();

test('no role may do everything of anything, and none has a managed policy', () => {
  expect(statements.flatMap(({ Action }) => list(Action)).filter((action) => action.includes('*'))).toEqual([]);
  expect(statements.filter((statement) => 'NotAction' in statement || 'NotResource' in statement)).toEqual([]);
  expect(Object.values(resourcesOf('AWS::IAM::Role')).filter(({ ManagedPolicyArns }) => ManagedPolicyArns)).toEqual([]);
});

test('only RunOnNodes may send commands: our documents, to instances with the tag of a cluster', () => {
  expect(rolesAllowed('ssm:SendCommand')).toEqual(['<RunOnNodesRole>']);
  const document = (step: string) => `arn:aws:ssm:REGION:ACCOUNT:document/kubeadm-autopilot-${step}`;
  expect(allowing('ssm:SendCommand').map(({ Resource, Condition }) => ({ Resource, Condition }))).toEqual([
    {
      Resource: Object.keys(NODE_STEPS).sort().map(document),
      Condition: undefined,
    },
    {
      Resource: 'arn:aws:ec2:REGION:ACCOUNT:instance/*',
      Condition: { StringLike: { 'ssm:resourceTag/kubeadm-autopilot:cluster': '*' } },
    },
  ]);
});

test.each([
  [
    'dynamodb:PutItem',
    [
      '<ApiFunctionRole>',
      '<BackUpEtcdRole>',
      '<BootstrapSecretRole>',
      ...['<ChatCommandRole>', '<ChatWebhookRole>', '<CheckCommandRole>'],
      ...['<CreateClusterRole>', '<JoinNodeRole>'],
      '<LeaveLoadBalancerRole>',
      '<LifecycleEventsFollowLifecycleEventRole>',
      '<PrepareSnapshotRole>',
      ...['<ReconfigureRole>', '<RemoveNodeRole>'],
      ...['<RenewCertificatesRole>', '<ReplaceNodeRole>'],
      '<RequestApprovalRole>',
      '<StartOperationRole>',
      '<TakeOverLockRole>',
      '<UncordonNodesRole>',
      ...['<UpgradeRole>', '<UpgradeWorkersRole>'],
    ],
  ],
  [
    'dynamodb:DeleteItem',
    [
      '<ApiFunctionRole>',
      '<BackUpEtcdRole>',
      '<BootstrapSecretRole>',
      '<ChatCommandRole>',
      '<ConcludeFailureRole>',
      ...['<CreateClusterRole>', '<DeregisterNodeRole>', '<JoinNodeRole>'],
      '<LeaveLoadBalancerRole>',
      '<LifecycleEventsFollowLifecycleEventRole>',
      '<OperationEndedOnOperationEndedRole>',
      ...['<PrepareSnapshotRole>', '<ReconfigureRole>', '<RemoveNodeRole>'],
      ...['<RenewCertificatesRole>', '<ReplaceNodeRole>'],
      '<ReturnToLoadBalancerRole>',
      '<TakeOverLockRole>',
      '<UncordonNodesRole>',
      '<UpgradeRole>',
      '<VerifySnapshotRole>',
    ],
  ],
  [
    'dynamodb:GetItem',
    [
      '<ApiFunctionRole>',
      '<BootstrapSecretRole>',
      ...['<ChatCommandRole>', '<ChatProgressRole>'],
      '<ConcludeFailureRole>',
      '<FindNodesRole>',
      '<LeaveLoadBalancerRole>',
      '<LifecycleEventsFollowLifecycleEventRole>',
      '<OperationEndedOnOperationEndedRole>',
      '<PrepareSnapshotRole>',
      ...['<ReconfigureRole>', '<RenewCertificatesRole>'],
      '<RequestApprovalRole>',
      '<TakeOverLockRole>',
      ...['<UpgradeRole>', '<UpgradeWorkerRole>'],
      '<VerifySnapshotRole>',
    ],
  ],
  ['elasticloadbalancing:DeregisterTargets', ['<DeregisterNodeRole>', '<LeaveLoadBalancerRole>']],
  [
    'elasticloadbalancing:RegisterTargets',
    [
      '<ConcludeFailureRole>',
      '<LeaveLoadBalancerRole>',
      '<OperationEndedOnOperationEndedRole>',
      '<RegisterTargetsRole>',
      '<ReturnToLoadBalancerRole>',
      '<TakeOverLockRole>',
    ],
  ],
  [
    'states:StartExecution',
    [
      ...[
        '<BackUpEtcdRole>',
        '<CheckCertificatesRole>',
        ...['<CreateClusterRole>', '<JoinNodeRole>', '<LifecycleEventsStateMachineEventsRole>'],
        ...['<OperationEndedOnOperationEndedRole>', '<ReconfigureRole>', '<RemoveNodeRole>'],
        ...['<RenewCertificatesRole>', '<ReplaceNodeRole>'],
      ],
      ...[
        '<StartOperationRole>',
        '<UncordonNodesRole>',
        '<UpgradeRole>',
        '<UpgradeWorkerRole>',
        '<UpgradeWorkersRole>',
      ],
    ],
  ],
  [
    'states:SendTaskSuccess',
    ['<ApiFunctionRole>', '<AwaitApprovalRole>', '<ChatCommandRole>', '<CompleteCommandRole>'],
  ],
  [
    'states:StopExecution',
    [
      ...[
        '<ApiFunctionRole>',
        '<BackUpEtcdRole>',
        '<ChatCommandRole>',
        '<CheckCertificatesRole>',
        ...['<CreateClusterRole>', '<JoinNodeRole>', '<ReconfigureRole>', '<RemoveNodeRole>'],
        ...['<RenewCertificatesRole>', '<ReplaceNodeRole>'],
        '<UncordonNodesRole>',
        '<UpgradeRole>',
      ],
      ...['<UpgradeWorkerRole>', '<UpgradeWorkersRole>'],
    ],
  ],
  [
    'dynamodb:UpdateItem',
    ['<ApiFunctionRole>', '<AwaitApprovalRole>', '<ChatCommandRole>', '<ChatProgressRole>', '<RequestApprovalRole>'],
  ],
  [
    'ssm:GetParameter',
    [
      '<ApiFunctionRole>',
      '<ChatCommandRole>',
      '<ChatProgressRole>',
      '<ChatWebhookRole>',
      '<FindNodesRole>',
      '<LifecycleEventsFollowLifecycleEventRole>',
    ],
  ],
  ['cloudwatch:PutMetricData', ['<AssessCertificatesRole>', '<VerifyRenewalRole>', '<VerifySnapshotRole>']],
  ['s3:PutObject', ['<PrepareSnapshotRole>', '<ReportsWriteReportRole>']],
  ['s3:GetObject', ['<ApiFunctionRole>', '<VerifySnapshotRole>']],
  ['s3:DeleteObject', []],
  [
    'sns:Publish',
    [
      '<CheckCertificatesRole>',
      '<ConcludeFailureRole>',
      ...['<CreateClusterRole>', '<JoinNodeRole>'],
      '<LeaveLoadBalancerRole>',
      '<LifecycleEventsFollowLifecycleEventRole>',
      ...['<OperationEndedOnOperationEndedRole>', '<ReconfigureRole>', '<RemoveNodeRole>'],
      ...['<RenewCertificatesRole>', '<ReplaceNodeRole>'],
      '<UncordonNodesRole>',
      '<UpgradeRole>',
    ],
  ],
])('%s is allowed to nobody but %j', (action, roles) => {
  expect(rolesAllowed(action)).toEqual(roles);
});

test('what strangers reach may remember deliveries, read the secrets that it checks with, and invoke chat-command alone', () => {
  const own = statements.filter(
    ({ role, Action }) => role === '<ChatWebhookRole>' && !/xray|logs/.test(String(Action)),
  );
  const parameter = (name: string) => `arn:aws:ssm:REGION:ACCOUNT:parameter/kubeadm-autopilot/chat/${name}`;
  expect(own.map(({ Action, Resource, Condition }) => [Action, Resource, Condition])).toEqual([
    ['ssm:GetParameter', ['slack-signing-secret', 'webhook-ci', 'webhook-other'].map(parameter), undefined],
    ['dynamodb:PutItem', '<ChatTable>', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['delivery/*'] } }],
    ['lambda:InvokeFunction', '<ChatCommand>', undefined],
  ]);
});

test.each(['Command', 'Progress'])('chat: %s reads the bot token alone, and messages', (name) => {
  const own = statements.filter(({ role }) => role === `<Chat${name}Role>`);
  const secrets = own.flatMap(({ Resource }) => list(Resource)).filter((arn) => arn.includes('/chat/'));
  expect(secrets).toEqual(['arn:aws:ssm:REGION:ACCOUNT:parameter/kubeadm-autopilot/chat/slack-bot-token']);
  const keys = own.filter(({ Resource }) => Resource === '<ChatTable>').map(({ Condition }) => Condition);
  expect(keys).toEqual([{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['message/*'] } }]);
});

test('each function that touches approvals may do its own part alone', () => {
  const own = statements.filter(({ Resource }) => Resource === '<Approvals>');
  const keys = ({ Condition }: Statement) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  expect(own.map((one) => [one.role, list(one.Action).map((action) => action.slice(9)), keys(one)])).toEqual([
    ['<RequestApprovalRole>', ['GetItem', 'PutItem', 'UpdateItem'], ['approval/*']],
    ['<RequestApprovalRole>', ['GetItem'], ['start/*']],
    ['<AwaitApprovalRole>', ['UpdateItem'], ['approval/*']],
    ['<StartOperationRole>', ['PutItem'], ['start/*']],
    ['<ApiFunctionRole>', ['GetItem', 'UpdateItem'], ['approval/*']],
    ['<ChatCommandRole>', ['GetItem', 'UpdateItem'], ['approval/*']],
    ['<ChatProgressRole>', ['GetItem'], ['approval/*']],
  ]);
});

test('the API changes freezes and stop requests in the lock table, and never a lock', () => {
  const own = [...allowing('dynamodb:PutItem'), ...allowing('dynamodb:DeleteItem')].filter(
    ({ role }) => role === '<ApiFunctionRole>',
  );
  expect(new Set(own.map(({ Condition }) => JSON.stringify(Condition)))).toEqual(
    new Set([JSON.stringify({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*/freeze', '*/stop'] } })]),
  );
});

test.each(Object.entries(DEPENDENT_ACTIONS))('who may %s may do what it depends on as well', (action, dependent) => {
  const roles = rolesAllowed(action);
  expect(roles).not.toEqual([]);
  const without = dependent.flatMap((needed) => {
    const allowed = allowing(needed).filter(({ Resource, Condition }) => list(Resource).includes('*') && !Condition);
    return roles.filter((role) => !allowed.some((statement) => statement.role === role)).map((role) => [role, needed]);
  });
  expect(without).toEqual([]);
});

test("whoever may put events may put them on the app's own bus alone", () => {
  const buses = allowing('events:PutEvents').map(({ role, Resource }) => [role, Resource]);
  expect(buses).toContainEqual(['<ReportsWriteReportRole>', '<EventBus>']);
  expect(new Set(buses.map(([, bus]) => bus))).toEqual(new Set(['<EventBus>']));
});

test('the scheduler may start an operation and write to its dead-letter queue, nothing else', () => {
  const own = statements
    .filter(({ role }) => role === '<SchedulesRole>')
    .map(({ Action, Resource }) => [Action, Resource]);
  expect(own).toEqual([
    ['lambda:InvokeFunction', '<StartOperation>'],
    ['sqs:SendMessage', '<SchedulesDeadLetters>'],
  ]);
});

test('nothing in the app may change documents, tags or policies', () => {
  const actions = statements.flatMap(({ Action }) => list(Action));
  expect(
    actions.filter((action) =>
      /^(iam|kms|ec2:(Create|Delete|Terminate|Modify)|ssm:(Update|Create|Delete(?!Parameter$)|Put(?!Parameter$)|Start))/i.test(
        action,
      ),
    ),
  ).toEqual([]);
});

test('parameters are written and deleted among the secrets only, and nobody in the app may read those', () => {
  expect(rolesAllowed('ssm:PutParameter')).toEqual(['<BootstrapSecretRole>', '<PrepareSnapshotRole>']);
  expect(rolesAllowed('ssm:DeleteParameter')).toEqual([
    '<BootstrapSecretRole>',
    '<ConcludeFailureRole>',
    '<OperationEndedOnOperationEndedRole>',
    '<PrepareSnapshotRole>',
    '<TakeOverLockRole>',
    '<VerifySnapshotRole>',
  ]);
  const changing = [...allowing('ssm:PutParameter'), ...allowing('ssm:DeleteParameter')];
  expect(new Set(changing.map(({ Resource }) => Resource))).toEqual(
    new Set(['arn:aws:ssm:REGION:ACCOUNT:parameter/kubeadm-autopilot/secrets/*']),
  );
  const read = allowing('ssm:GetParameter').filter(({ role }) => !role.startsWith('<Chat'));
  expect(new Set(read.map(({ Resource }) => Resource))).toEqual(
    new Set(['arn:aws:ssm:REGION:ACCOUNT:parameter/kubeadm-autopilot/clusters/*']),
  );
  expect(
    allowing('ssm:GetParameter')
      .flatMap(({ Resource }) => list(Resource))
      .filter((arn) => arn.includes('/secrets/')),
  ).toEqual([]);
});

test('actions on * are those for which IAM has no resource-level permissions', () => {
  const everywhere = new Set(
    statements.filter(({ Resource }) => list(Resource).includes('*')).flatMap(({ Action }) => list(Action)),
  );
  expect([...everywhere].filter((action) => !/^(xray:|logs:)/.test(action)).sort()).toEqual([
    'autoscaling:DescribeAutoScalingGroups',
    'cloudwatch:PutMetricData',
    'ec2:DescribeInstances',
    'ec2:DescribeInternetGateways',
    'ec2:DescribeSubnets',
    'ec2:DescribeTags',
    'ec2:DescribeVpcs',
    'elasticloadbalancing:DescribeTargetGroupAttributes',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
    'ssm:DescribeInstanceInformation',
    'ssm:GetCommandInvocation',
    'ssm:ListCommandInvocations',
    'ssm:ListCommands',
  ]);
  expect(allowing('cloudwatch:PutMetricData').map(({ Condition }) => Condition)).toEqual(
    Array(3).fill({ StringEquals: { 'cloudwatch:namespace': 'KubeadmAutopilot' } }),
  );
});

test('all other wildcards in resources are these', () => {
  const wildcards = new Set(
    statements.flatMap(({ Resource }) => list(Resource)).filter((arn) => arn.includes('*') && arn !== '*'),
  );
  expect([...wildcards].sort()).toEqual(
    [
      // Versions of a function that a state machine invokes
      ...[
        'AssessCertificates',
        'AssessGate',
        'AssessMinor',
        'AwaitApproval',
        'BootstrapSecret',
        'CheckCommand',
        'ConcludeFailure',
        'DeregisterNode',
        'FindNodes',
        'LeaveLoadBalancer',
        'LifecycleEventsFollowLifecycleEvent',
        'PlanBackUp',
        'PlanCreate',
        'PlanReconfiguration',
        'PlanRemoval',
        'PlanRenewal',
        'PlanReplacement',
        'PlanUpgrade',
        'PlanWaves',
        'PrepareSnapshot',
        'ReadCommand',
        'RegisterTargets',
        'RequestApproval',
        'ReturnToLoadBalancer',
        'StartOperation',
        'TakeOverLock',
        'VerifyRenewal',
        'VerifySnapshot',
        'VerifyUpgrade',
      ].map((name) => `<${name}>:*`),
      ...['<OperationsBucket>/etcd-snapshots/*', '<OperationsBucket>/reports/*'],
      'arn:aws:autoscaling:REGION:ACCOUNT:autoScalingGroup:*:autoScalingGroupName/*',
      'arn:aws:ec2:REGION:ACCOUNT:instance/*',
      'arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/*',
      'arn:aws:ssm:REGION:ACCOUNT:parameter/kubeadm-autopilot/clusters/*',
      'arn:aws:ssm:REGION:ACCOUNT:parameter/kubeadm-autopilot/secrets/*',
      ...['JoinNode', 'RemoveNode', 'RunOnNodes', 'UpgradeWorker', 'UpgradeWorkers'].map(
        (machine) => `arn:aws:states:REGION:ACCOUNT:execution:<${machine}>[6]*`,
      ),
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-back-up-etcd:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-check-certificates:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-create-cluster:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-join-node:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-lifecycle-event:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-reconfigure:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-remove-node:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-renew-certificates:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-replace-node:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-run-on-nodes:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-uncordon-nodes:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-upgrade-worker:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-upgrade-workers:*',
      'arn:aws:states:REGION:ACCOUNT:execution:kubeadm-autopilot-upgrade:*',
    ].sort(),
  );
});

test('each function has a role of its own', () => {
  const roles = Object.values(resourcesOf<{ Role: string }>('AWS::Lambda::Function')).map(({ Role }) => Role);
  expect(new Set(roles).size).toBe(roles.length);
});

interface Role {
  AssumeRolePolicyDocument: {
    Statement: { Principal: { Service?: string | string[] }; Condition?: Record<string, Record<string, string>> }[];
  };
}

test('a role that Step Functions may assume is for the state machines of this app that run with it, and no others', () => {
  const machines = Object.values(
    resourcesOf<{ StateMachineName: string; RoleArn: string }>('AWS::StepFunctions::StateMachine'),
  );
  const arnsOf = (role: string) =>
    machines
      .filter(({ RoleArn }) => RoleArn === `<${role}>`)
      .map(({ StateMachineName }) => `arn:aws:states:REGION:ACCOUNT:stateMachine:${StateMachineName}`);
  const trusted = Object.entries(resourcesOf<Role>('AWS::IAM::Role')).flatMap(([id, { AssumeRolePolicyDocument }]) =>
    AssumeRolePolicyDocument.Statement.filter(({ Principal }) =>
      list(Principal.Service ?? []).some((service) => service.startsWith('states.')),
    ).map(({ Condition = {} }) => ({ role: id.replace(/[0-9A-F]{8}$/, ''), Condition })),
  );
  expect(trusted).toHaveLength(machines.length);
  expect(
    trusted.map(({ role, Condition }) => [
      role,
      [Condition['ArnLike'] ?? {}, Condition['ArnEquals'] ?? {}].flatMap((arns) => list(arns['aws:SourceArn'] ?? [])),
    ]),
  ).toEqual(trusted.map(({ role }) => [role, arnsOf(role)]));
  expect(trusted.filter(({ role }) => arnsOf(role).length === 0)).toEqual([]);
});
