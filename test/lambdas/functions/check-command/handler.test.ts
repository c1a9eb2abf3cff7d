import type { handler as Handler } from '../../../../lambdas/functions/check-command/handler';
import { AwsServer, type Answer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
  process.env.LOCK_TABLE = 'locks';
  ({ handler } = await import('../../../../lambdas/functions/check-command/handler'));
});
afterAll(() => aws.stop());

const HERE = 'arn:aws:states:eu-central-1:000000000000';
const HOLDER = `${HERE}:execution:kubeadm-autopilot-renew-certificates:x`;
const LOCK = { cluster: 'demo', holder: HOLDER, since: '2026-11-23T02:00:00Z' };
const nodes = [1, 2].map((number) => ({ instanceId: `i-${number}`, name: `cp-${number}` }));
const reading = {
  document: 'kubeadm-autopilot-inspect-control-plane',
  ...{ changesNodes: false, nodes, tolerateFailures: false, lock: null },
  stateMachine: `${HERE}:stateMachine:kubeadm-autopilot-run-on-nodes`,
};
const changing = { ...reading, document: 'kubeadm-autopilot-renew-certificates', changesNodes: true, lock: LOCK };

const pings = (...statuses: string[]): Answer => ({
  body: {
    InstanceInformationList: statuses.map((PingStatus, index) => ({ InstanceId: `i-${index + 1}`, PingStatus })),
  },
});
const execution = (status: string, input: string): Answer => ({
  body: { executionArn: HOLDER, stateMachineArn: 'arn', status, startDate: 1, input },
});
const tags = (...clusters: string[]): Answer => ({
  xml: `<DescribeTagsResponse><tagSet>${clusters
    .map((cluster, index) => `<item><resourceId>i-${index + 1}</resourceId><value>${cluster}</value></item>`)
    .join('')}</tagSet></DescribeTagsResponse>`,
});
const allIsWell = {
  DescribeInstanceInformation: pings('Online', 'Online'),
  DescribeExecution: execution('RUNNING', '{"cluster":"demo"}'),
  DescribeTags: tags('demo', 'demo'),
  PutItem: { body: {} },
};

describe('a command that reads', () => {
  test.each([
    [
      ['Online', 'Online'],
      [0, 1],
    ],
    [['Online', 'ConnectionLost'], [0]],
    // SSM has never heard of the second one.
    [['Online'], [0]],
  ])('of nodes that are %j, those that answer are asked where failures are tolerated', async (statuses, online) => {
    aws.answer({ DescribeInstanceInformation: pings(...statuses) });
    await expect(handler({ ...reading, tolerateFailures: true })).resolves.toEqual({
      online: online.map((index) => nodes[index]),
      offline: nodes.filter((_node, index) => !online.includes(index)),
    });
    expect(aws.calls.map(({ action }) => action)).toEqual(['DescribeInstanceInformation']);
  });

  test('a node that does not answer fails it otherwise', async () => {
    aws.answer({ DescribeInstanceInformation: pings('Online', 'Inactive') });
    const failure = await handler(reading).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'NodeUnreachable' });
    expect(JSON.parse((failure as Error).message)).toEqual({
      node: 'cp-2',
      message: 'Run Command does not reach cp-2: see that the instance runs and its SSM agent is online.',
    });
  });

  test('none answers, which is no failure where failures are tolerated', async () => {
    aws.answer({ DescribeInstanceInformation: pings() });
    await expect(handler({ ...reading, tolerateFailures: true })).rejects.toMatchObject({ name: 'NoNodeAnswers' });
  });
});

describe('a command that changes nodes', () => {
  test('holds the lock for the operation that is at work', async () => {
    aws.answer(allIsWell);
    await expect(handler(changing)).resolves.toEqual({ online: nodes, offline: [] });
    expect(aws.callsOf('PutItem')).toEqual([
      {
        TableName: 'locks',
        Item: {
          cluster: { S: 'demo' },
          holder: { S: HOLDER },
          operation: { S: 'renew-certificates' },
          since: { S: LOCK.since },
        },
        ConditionExpression: 'holder = :from',
        ExpressionAttributeValues: { ':from': { S: HOLDER } },
      },
    ]);
  });

  test.each([
    null,
    ...['run-on-nodes', 'check-certificates'].map((name) => `${HERE}:execution:kubeadm-autopilot-${name}:x`),
    `${HERE}:execution:other:kubeadm-autopilot-renew-certificates`,
    'arn:aws:states:eu-central-1:111111111111:execution:kubeadm-autopilot-renew-certificates:x',
    'arn:aws:states:us-east-1:000000000000:execution:kubeadm-autopilot-renew-certificates:x',
    'somebody',
  ])('a lock of %s is none: nothing is asked', async (holder) => {
    aws.answer({});
    await expect(handler({ ...changing, lock: holder && { ...LOCK, holder } })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/renew-certificates changes nodes, .* it got no such lock/),
    });
    expect(aws.calls).toEqual([]);
  });

  test('uncordon-nodes may hold it, too', async () => {
    aws.answer(allIsWell);
    const holder = `${HERE}:execution:kubeadm-autopilot-uncordon-nodes:x`;
    await expect(handler({ ...changing, lock: { ...LOCK, holder } })).resolves.toMatchObject({ online: nodes });
  });

  test.each([
    [execution('FAILED', '{"cluster":"demo"}')],
    [execution('PENDING_REDRIVE', '{"cluster":"demo"}')],
    [execution('RUNNING', '{"cluster":"prod"}')],
    [execution('RUNNING', 'none')],
    [{ code: 'ExecutionDoesNotExist' }],
    [{ code: 'InvalidArn' }],
  ] as [Answer][])('a holder that is %j is not at work', async (answer) => {
    aws.answer({ ...allIsWell, DescribeExecution: answer });
    await expect(handler(changing)).rejects.toMatchObject({
      name: 'ClusterLocked',
      message: expect.stringMatching(
        /^Nothing was sent to cp-1, cp-2, because .*renew-certificates:x is not at work on demo now/,
      ),
    });
    expect(aws.callsOf('PutItem')).toEqual([]);
  });

  test.each([
    [['demo', 'prod'], 'i-2'],
    [['demo', 'demo2'], 'i-2'],
    [['demo'], 'i-2'],
    [[], 'i-1, i-2'],
  ])('with the cluster tags %j, %s does not belong to the lock', async (clusters, strangers) => {
    aws.answer({ ...allIsWell, DescribeTags: tags(...clusters) });
    await expect(handler(changing)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(`${strangers} does not carry the tag kubeadm-autopilot:cluster=demo`),
    });
    expect(aws.callsOf('PutItem')).toEqual([]);
  });

  test('the lock is held by another operation', async () => {
    aws.answer({ ...allIsWell, PutItem: { code: 'ConditionalCheckFailedException' } });
    await expect(handler(changing)).rejects.toMatchObject({
      name: 'ClusterLocked',
      message:
        'Cluster demo is locked by another operation, so nothing was sent to cp-1, cp-2: start again when it has ended.',
    });
  });
});
