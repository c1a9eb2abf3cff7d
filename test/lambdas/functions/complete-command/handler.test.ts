import type { handler as Handler } from '../../../../lambdas/functions/complete-command/handler';
import { AwsServer } from '../../helpers/aws-server';

const aws = new AwsServer();
let handler: typeof Handler;
beforeAll(async () => {
  await aws.start();
  ({ handler } = await import('../../../../lambdas/functions/complete-command/handler'));
});
afterAll(() => aws.stop());

const event = (detail: object) => ({
  source: 'aws.ssm',
  'detail-type': 'EC2 Command Status-change Notification',
  detail: {
    'command-id': 'c-1',
    'document-name': 'kubeadm-autopilot-check-certificates',
    status: 'Success',
    ...detail,
  },
});
const told = [{ taskToken: 'AAAA', output: '{"commandId":"c-1"}' }];

test.each<[string, object]>([
  ['a list', { parameters: { TaskToken: ['AAAA'] } }],
  ['a string', { parameters: { TaskToken: 'AAAA' } }],
  ['JSON text', { parameters: '{"TaskToken":["AAAA"]}' }],
  ['with a status that is new to us', { parameters: { TaskToken: ['AAAA'] }, status: 'Delivery Timed Out' }],
])('the token from the event, as %s', async (_name, detail) => {
  aws.answer({ SendTaskSuccess: { body: {} } });
  await handler(event(detail));
  expect(aws.callsOf('SendTaskSuccess')).toEqual(told);
});

test('an event without parameters: SSM is asked', async () => {
  aws.answer({
    SendTaskSuccess: { body: {} },
    ListCommands: { body: { Commands: [{ CommandId: 'c-1', Parameters: { TaskToken: ['AAAA'] } }] } },
  });
  await handler(event({}));
  expect(aws.callsOf('ListCommands')).toEqual([{ CommandId: 'c-1' }]);
  expect(aws.callsOf('SendTaskSuccess')).toEqual(told);
});

test.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('%s is no end', async (status) => {
  aws.answer({});
  await handler(event({ status, parameters: { TaskToken: ['AAAA'] } }));
  expect(aws.calls).toEqual([]);
});

test('a command that a person sent has nobody waiting', async () => {
  aws.answer({ ListCommands: { body: { Commands: [{ Parameters: { TaskToken: ['none'] } }] } } });
  await handler(event({ parameters: { TaskToken: ['none'] } }));
  expect(aws.callsOf('SendTaskSuccess')).toEqual([]);
});

test.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
  '%s: delivered twice or late, which is in order',
  async (code) => {
    aws.answer({ SendTaskSuccess: { code } });
    await expect(handler(event({ parameters: { TaskToken: ['AAAA'] } }))).resolves.toBeUndefined();
  },
);

test('other refusals are errors, so that Lambda tries again', async () => {
  aws.answer({ SendTaskSuccess: { code: 'AccessDeniedException', message: 'no' } });
  await expect(handler(event({ parameters: { TaskToken: ['AAAA'] } }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});
