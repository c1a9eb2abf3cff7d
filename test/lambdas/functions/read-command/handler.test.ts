import type { handler as Handler } from '../../../../lambdas/functions/read-command/handler';
import { AwsServer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
  ({ handler } = await import('../../../../lambdas/functions/read-command/handler'));
});
afterAll(() => aws.stop());

const nodes = [1, 2].map((number) => ({ instanceId: `i-${number}`, name: `cp-${number}` }));
const payload = { commandId: 'c-1', document: 'kubeadm-autopilot-check-certificates', nodes, comment: 'mine' };
const tolerant = { ...payload, tolerateFailures: true };
const listed = (...statuses: string[]) => ({
  body: {
    CommandInvocations: statuses.map((Status, index) => ({
      CommandId: 'c-1',
      Comment: 'mine',
      InstanceId: `i-${index + 1}`,
      Status,
      StatusDetails: Status,
    })),
  },
});
const success = {
  body: {
    Status: 'Success',
    StatusDetails: 'Success',
    ResponseCode: 0,
    StandardOutputContent: 'KUBEADM_AUTOPILOT_RESULT {"a":1}\n',
    StandardErrorContent: 'log',
  },
};

test('all have ended', async () => {
  aws.answer({ ListCommandInvocations: listed('Success', 'Success'), GetCommandInvocation: success });
  await expect(handler(payload)).resolves.toEqual({
    commandId: 'c-1',
    nodes: nodes.map((node) => ({ ...node, result: { a: 1 } })),
  });
  expect(aws.callsOf('GetCommandInvocation')).toEqual(
    expect.arrayContaining([
      { CommandId: 'c-1', InstanceId: 'i-1' },
      { CommandId: 'c-1', InstanceId: 'i-2' },
    ]),
  );
});

test.each([
  ['', 'check-certificates failed on cp-1 with'],
  ['cp-1', 'check-certificates failed on cp-1 with'],
  ['worker-7', 'check-certificates of worker-7 failed on cp-1 with'],
])('a failure of a step about %j names step and nodes', async (about, sentence) => {
  aws.answer({
    ListCommandInvocations: listed('Failed'),
    GetCommandInvocation: { body: { ...success.body, Status: 'Failed', StatusDetails: 'Failed', ResponseCode: 2 } },
  });
  const [first] = (await handler({ ...tolerant, about, isLate: true })).nodes;
  expect(first?.failure?.message).toMatch(new RegExp(`^${sentence}`));
});

test.each([false, true])('one has not, tolerant %s: it runs, and is asked again', async (tolerateFailures) => {
  aws.answer({ ListCommandInvocations: listed('Success', 'InProgress'), GetCommandInvocation: success });
  await expect(handler({ ...payload, tolerateFailures })).rejects.toMatchObject({
    name: 'CommandRuns',
    message: 'kubeadm-autopilot-check-certificates runs on cp-2.',
  });
  expect(aws.callsOf('GetCommandInvocation')).toHaveLength(1);
});

describe('when the nodes have had their time', () => {
  beforeEach(() =>
    aws.answer({ ListCommandInvocations: listed('Success', 'InProgress'), GetCommandInvocation: success }),
  );

  test('one that has not ended fails the command', async () => {
    const failure = await handler({ ...payload, isLate: true }).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'NodeStepTimedOut' });
    expect(JSON.parse((failure as Error).message)).toEqual({
      node: 'cp-2',
      message:
        'kubeadm-autopilot-check-certificates has not ended in time on cp-2: it may still run there; look at the node before you start again.',
    });
  });

  test('where failures are tolerated it is one, and so is each node that was not asked', async () => {
    const offline = [{ instanceId: 'i-3', name: 'cp-3' }];
    await expect(handler({ ...tolerant, offline, isLate: true })).resolves.toMatchObject({
      nodes: [
        { name: 'cp-1', result: { a: 1 } },
        {
          name: 'cp-2',
          failure: { error: 'NodeStepTimedOut', message: expect.stringMatching(/on cp-2: it may still run there\.$/) },
        },
        { name: 'cp-3', failure: { error: 'NodeUnreachable', message: 'Run Command does not reach cp-3.' } },
      ],
    });
  });
});

test('a failure fails the command with the node, its step, exit code, sentence and log, unless it is tolerated', async () => {
  const failed = { ...success.body, Status: 'Failed', StatusDetails: 'Failed', ResponseCode: 2 };
  aws.answer({
    ListCommandInvocations: listed('Success', 'Failed'),
    GetCommandInvocation: ({ input }) => (input.InstanceId === 'i-1' ? success : { body: failed }),
  });
  const failure = await handler(payload).catch((error: Error) => error);
  expect(failure).toMatchObject({ name: 'NodeStepFailed' });
  const { nodes: answered } = await handler(tolerant);
  const { error: _name, ...said } = answered[1]!.failure!;
  expect(JSON.parse((failure as Error).message)).toMatchObject({ node: 'cp-2', ...said });
});

test('another command than the one that was sent: none of its results is taken', async () => {
  const sent = (...comments: (string | undefined)[]) => ({
    body: {
      CommandInvocations: comments.map((Comment, index) => ({
        InstanceId: `i-${index + 1}`,
        Status: 'Success',
        Comment,
      })),
    },
  });
  for (const other of ['older', undefined]) {
    aws.answer({ ListCommandInvocations: sent('mine', other), GetCommandInvocation: success });
    await expect(handler({ ...tolerant, isLate: true })).rejects.toMatchObject({ name: 'CommandIsForeign' });
    expect(aws.callsOf('GetCommandInvocation')).toEqual([]);
  }
  aws.answer({ ListCommandInvocations: sent('mine', 'mine'), GetCommandInvocation: success });
  await expect(handler(payload)).resolves.toMatchObject({ commandId: 'c-1' });
});

test('SSM does not show the command on any node yet', async () => {
  aws.answer({ ListCommandInvocations: listed() });
  await expect(handler(payload)).rejects.toMatchObject({
    name: 'CommandRuns',
    message: expect.stringContaining('cp-1 and cp-2'),
  });
});

test('SSM lists an invocation and then does not know it', async () => {
  aws.answer({
    ListCommandInvocations: listed('Success', 'Success'),
    GetCommandInvocation: ({ input }) => (input.InstanceId === 'i-1' ? success : { code: 'InvocationDoesNotExist' }),
  });
  await expect(handler(payload)).rejects.toMatchObject({
    name: 'CommandRuns',
    message: expect.stringContaining('cp-2'),
  });
});

test('pages of invocations are put together', async () => {
  aws.answer({
    ListCommandInvocations: ({ input }) => ({
      body: {
        CommandInvocations: [{ InstanceId: input.NextToken ? 'i-2' : 'i-1', Status: 'Success', Comment: 'mine' }],
        ...(input.NextToken ? {} : { NextToken: 'more' }),
      },
    }),
    GetCommandInvocation: success,
  });
  await expect(handler(payload)).resolves.toMatchObject({ nodes: nodes.map(({ name }) => ({ name })) });
});

test('throttling is waited out', async () => {
  aws.answer({
    ListCommandInvocations: (_call, earlier) =>
      earlier.length < 2 ? { code: 'ThrottlingException', message: 'Rate exceeded' } : listed('Success', 'Success'),
    GetCommandInvocation: success,
  });
  await expect(handler(payload)).resolves.toMatchObject({ nodes: nodes.map(({ name }) => ({ name })) });
  expect(aws.callsOf('ListCommandInvocations')).toHaveLength(3);
});
