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
const payload = { commandId: 'c-1', document: 'kubeadm-autopilot-check-certificates', nodes };
const listed = (...statuses: string[]) => ({
  body: {
    CommandInvocations: statuses.map((Status, index) => ({
      CommandId: 'c-1',
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
    finished: true,
    pending: [],
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
  const [first] = (await handler({ ...payload, about })).nodes;
  expect(first?.failure?.message).toMatch(new RegExp(`^${sentence}`));
});

test('one has not: the other is read, and one is named', async () => {
  aws.answer({ ListCommandInvocations: listed('Success', 'InProgress'), GetCommandInvocation: success });
  await expect(handler(payload)).resolves.toMatchObject({
    finished: false,
    pending: ['cp-2'],
    nodes: [{ name: 'cp-1', result: { a: 1 } }],
  });
  expect(aws.callsOf('GetCommandInvocation')).toHaveLength(1);
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
    await expect(handler({ ...payload, comment: 'mine' })).resolves.toEqual({
      ...{ finished: false, foreign: true, nodes: [], pending: ['cp-1', 'cp-2'] },
    });
    expect(aws.callsOf('GetCommandInvocation')).toEqual([]);
  }
  aws.answer({ ListCommandInvocations: sent('mine', 'mine'), GetCommandInvocation: success });
  await expect(handler({ ...payload, comment: 'mine' })).resolves.toMatchObject({ finished: true });
});

test('SSM does not show the command on any node yet', async () => {
  aws.answer({ ListCommandInvocations: listed() });
  await expect(handler(payload)).resolves.toEqual({ finished: false, pending: ['cp-1', 'cp-2'], nodes: [] });
});

test('SSM lists an invocation and then does not know it', async () => {
  aws.answer({
    ListCommandInvocations: listed('Success', 'Success'),
    GetCommandInvocation: ({ input }) => (input.InstanceId === 'i-1' ? success : { code: 'InvocationDoesNotExist' }),
  });
  await expect(handler(payload)).resolves.toMatchObject({ finished: false, pending: ['cp-2'] });
});

test('pages of invocations are put together', async () => {
  aws.answer({
    ListCommandInvocations: ({ input }) => ({
      body: {
        CommandInvocations: [{ InstanceId: input.NextToken ? 'i-2' : 'i-1', Status: 'Success' }],
        ...(input.NextToken ? {} : { NextToken: 'more' }),
      },
    }),
    GetCommandInvocation: success,
  });
  await expect(handler(payload)).resolves.toMatchObject({ finished: true });
});

test('throttling is waited out', async () => {
  aws.answer({
    ListCommandInvocations: (_call, earlier) =>
      earlier.length < 2 ? { code: 'ThrottlingException', message: 'Rate exceeded' } : listed('Success', 'Success'),
    GetCommandInvocation: success,
  });
  await expect(handler(payload)).resolves.toMatchObject({ finished: true });
  expect(aws.callsOf('ListCommandInvocations')).toHaveLength(3);
});
