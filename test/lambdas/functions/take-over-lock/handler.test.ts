import type { handler as Handler } from '../../../../lambdas/functions/take-over-lock/handler';
import { AwsServer, type Answer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
  process.env.LOCK_TABLE = 'locks';
  ({ handler } = await import('../../../../lambdas/functions/take-over-lock/handler'));
});
afterAll(() => aws.stop());

const OLD = 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-renew-certificates:old';
const NEW = 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-renew-certificates:new';
const payload = { cluster: 'demo', operation: 'renew-certificates', holder: NEW };
const held = (holder: string): Answer => ({
  body: {
    Item: {
      cluster: { S: 'demo' },
      holder: { S: holder },
      operation: { S: 'renew-certificates' },
      since: { S: '2026-11-23T02:00:00Z' },
    },
  },
});
const execution = (status: string): Answer => ({
  body: { executionArn: OLD, stateMachineArn: 'arn', status, startDate: 1 },
});
const REFUSED: Answer = { code: 'ConditionalCheckFailedException', message: 'The conditional request failed' };

test.each(['SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'])(
  'taken over from a holder that has ended as %s',
  async (status) => {
    aws.answer({ GetItem: held(OLD), DescribeExecution: execution(status), PutItem: { body: {} } });
    await expect(handler(payload)).resolves.toEqual({ takenFrom: OLD });
    expect(aws.callsOf('GetItem')).toEqual([
      { TableName: 'locks', Key: { cluster: { S: 'demo' } }, ConsistentRead: true },
      { TableName: 'locks', Key: { cluster: { S: 'demo/load-balancer' } }, ConsistentRead: true },
      { TableName: 'locks', Key: { cluster: { S: 'demo/secrets' } }, ConsistentRead: true },
    ]);
    expect(aws.callsOf('PutItem')).toMatchObject([
      {
        Item: { cluster: { S: 'demo' }, holder: { S: NEW }, operation: { S: 'renew-certificates' } },
        ConditionExpression: 'holder = :from',
        ExpressionAttributeValues: { ':from': { S: OLD } },
      },
    ]);
  },
);

test.each([
  ['puts it back', { xml: '<RegisterTargetsResponse><RegisterTargetsResult/></RegisterTargetsResponse>' }, 1],
  ['takes the lock all the same when it cannot be put back', { code: 'InvalidTarget' }, 0],
] as [string, Answer, number][])(
  'what its holder took out of the load balancer: %s',
  async (_name, answer, deleted) => {
    const turn = {
      node: { instanceId: 'i-1', name: 'cp-1' },
      since: '2026-11-25T03:00:00Z',
      targets: [{ targetGroupArn: 'arn:api', targetGroupName: 'api', id: 'i-1', port: 6443 }],
    };
    aws.answer({
      GetItem: (_call, earlier) =>
        earlier.length === 0
          ? held(OLD)
          : { body: { Item: { holder: { S: OLD }, turn: { S: JSON.stringify(turn) } } } },
      DescribeExecution: execution('ABORTED'),
      PutItem: { body: {} },
      RegisterTargets: answer,
      DeleteItem: { body: {} },
    });
    await expect(handler(payload)).resolves.toEqual({ takenFrom: OLD });
    expect(aws.callsOf('RegisterTargets')).toMatchObject([{ TargetGroupArn: 'arn:api', 'Targets.member.1.Id': 'i-1' }]);
    expect(aws.callsOf('DeleteItem')).toHaveLength(deleted);
  },
);

test('taken over from an execution that nobody knows any more', async () => {
  aws.answer({ GetItem: held(OLD), DescribeExecution: { code: 'ExecutionDoesNotExist' }, PutItem: { body: {} } });
  await expect(handler(payload)).resolves.toEqual({ takenFrom: OLD });
});

test.each([
  'somebody',
  'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-run-on-nodes:x',
  'arn:aws:states:eu-central-1:000000000000:execution:their-renew-certificates:x',
  'arn:aws:states:eu-central-1:111111111111:execution:kubeadm-autopilot-renew-certificates:x',
  'arn:aws:states:us-east-1:000000000000:execution:kubeadm-autopilot-renew-certificates:x',
])('taken over from %s, which is no operation of this app, without asking', async (holder) => {
  aws.answer({ GetItem: held(holder), PutItem: { body: {} } });
  await expect(handler(payload)).resolves.toEqual({ takenFrom: holder });
  expect(aws.callsOf('DescribeExecution')).toEqual([]);
});

test.each([
  ['deleted', { body: {} }, 1],
  ['left, which keeps nobody from the lock', { code: 'AccessDeniedException' }, 0],
] as [string, Answer, number][])('the secret of a dead holder is %s', async (_name, answer, deleted) => {
  aws.answer({
    GetItem: ({ input }) =>
      JSON.stringify(input).includes('demo/secrets')
        ? { body: { Item: { holder: { S: OLD }, names: { SS: ['/the/secret'] } } } }
        : held(OLD),
    DescribeExecution: execution('ABORTED'),
    PutItem: { body: {} },
    DeleteParameter: answer,
    DeleteItem: { body: {} },
  });
  await expect(handler(payload)).resolves.toEqual({ takenFrom: OLD });
  expect(aws.callsOf('DeleteParameter')).toEqual([{ Name: '/the/secret' }]);
  expect(aws.callsOf('DeleteItem')).toHaveLength(deleted);
});

test('taken when it has become free meanwhile', async () => {
  aws.answer({ GetItem: { body: {} }, PutItem: { body: {} } });
  await expect(handler(payload)).resolves.toEqual({});
  expect(aws.callsOf('PutItem')).toMatchObject([{ ConditionExpression: 'attribute_not_exists(holder)' }]);
});

test('held by this execution already', async () => {
  aws.answer({ GetItem: held(NEW) });
  await expect(handler(payload)).resolves.toEqual({});
});

test.each(['RUNNING', 'PENDING_REDRIVE'])('refused while its holder is %s', async (status) => {
  aws.answer({ GetItem: held(OLD), DescribeExecution: execution(status) });
  await expect(handler(payload)).rejects.toMatchObject({
    name: 'ClusterLocked',
    message: `demo is locked: renew-certificates has been at work since 2026-11-23 02:00 UTC (${OLD}), and only one operation may change a cluster at a time: start renew-certificates again when it has ended, or stop that execution first.`,
  });
  expect(aws.callsOf('PutItem')).toEqual([]);
});

test('somebody else is quicker, and then runs', async () => {
  aws.answer({
    GetItem: (_call, earlier) => held(earlier.length === 0 ? OLD : `${OLD}er`),
    DescribeExecution: (_call, earlier) => execution(earlier.length === 0 ? 'FAILED' : 'RUNNING'),
    PutItem: REFUSED,
  });
  await expect(handler(payload)).rejects.toMatchObject({
    name: 'ClusterLocked',
    message: expect.stringContaining(`${OLD}er`),
  });
});

test('always somebody else is quicker', async () => {
  aws.answer({ GetItem: { body: {} }, PutItem: REFUSED });
  await expect(handler(payload)).rejects.toMatchObject({
    name: 'ClusterLocked',
    message:
      'demo is locked: other operations were quicker 3 times in a row to take its lock, which one operation at a time may hold: start renew-certificates again later.',
  });
});
