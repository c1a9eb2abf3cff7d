import { VirtualClock } from '../../../local/virtual-clock';
import type { Clock } from '../../../local/clock';
import { Engine, lines, until } from './engine';

const ask = (more: object = {}) => ({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Arguments: { QueueUrl: 'q', MessageBody: '{% {"token": $states.context.Task.Token} %}' },
    End: true,
    ...more,
  },
});

/** An engine whose queue keeps the token that was sent. */
function asking(clock?: Clock) {
  const tokens: string[] = [];
  const send = ({ MessageBody }: Record<string, string>) => {
    tokens.push(JSON.parse(MessageBody!).token);
    return { MessageId: 'm' };
  };
  const engine = new Engine({ 'sqs:SendMessage': send }, clock);
  return { engine, token: () => until(() => tokens.at(-1)), tokens };
}

test('a task with .waitForTaskToken ends with what SendTaskSuccess gives', async () => {
  const { engine, token } = asking();
  const arn = await engine.start(
    await engine.create(ask({ HeartbeatSeconds: 30, TimeoutSeconds: 60, Output: '{% $states.result.answer %}' })),
  );
  await engine.api('SendTaskHeartbeat', { taskToken: await token() });
  await engine.api('SendTaskSuccess', { taskToken: await token(), output: '{"answer":42}' });
  expect(await engine.end(arn)).toMatchObject({ status: 'SUCCEEDED', output: '42' });
  const events = await engine.events(arn);
  expect(lines(events)).toEqual([
    '1 0 ExecutionStarted',
    '2 0 TaskStateEntered',
    '3 2 TaskScheduled',
    '4 3 TaskStarted',
    '5 4 TaskSubmitted',
    '6 5 TaskSucceeded',
    '7 6 TaskStateExited',
    '8 7 ExecutionSucceeded',
  ]);
  const about = { resource: 'sendMessage.waitForTaskToken', resourceType: 'sqs' };
  expect(events[2]).toMatchObject({
    taskScheduledEventDetails: { ...about, heartbeatInSeconds: 30, timeoutInSeconds: 60 },
  });
  expect(events[4]).toMatchObject({ taskSubmittedEventDetails: { ...about, outputDetails: { truncated: false } } });
  expect(events[5]!.taskSucceededEventDetails).toEqual({
    ...about,
    output: '{"answer":42}',
    outputDetails: { truncated: false },
  });
});

test('the answer may come before the call that took the token along has been answered', async () => {
  const engine: Engine = new Engine({
    'sqs:SendMessage': async ({ MessageBody }) => {
      await engine.api('SendTaskSuccess', { taskToken: JSON.parse(MessageBody).token, output: '1' });
      return { MessageId: 'm' };
    },
  });
  const { result, events } = await engine.run(ask());
  expect(result).toBe(1);
  expect(lines(events).slice(4, 6)).toEqual(['5 4 TaskSubmitted', '6 5 TaskSucceeded']);
});

test('SendTaskFailure fails it with error and cause', async () => {
  const { engine, token } = asking();
  const arn = await engine.start(await engine.create(ask()));
  await engine.api('SendTaskFailure', { taskToken: await token(), error: 'Refused', cause: 'by hand' });
  expect(await engine.end(arn)).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'by hand' });
  expect((await engine.events(arn))[5]).toMatchObject({
    type: 'TaskFailed',
    taskFailedEventDetails: { error: 'Refused', cause: 'by hand' },
  });
});

test('a heartbeat that does not come is reported as States.Timeout and caught as States.HeartbeatTimeout', async () => {
  const clock = new VirtualClock();
  const { engine, token } = asking(clock);
  const arn = await engine.start(
    await engine.create({
      ...ask({
        HeartbeatSeconds: 600,
        Catch: [
          { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
          { ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Look' },
        ],
      }),
      Wrong: { Type: 'Fail' },
      Look: { Type: 'Succeed' },
    }),
  );
  await token();
  clock.advance(400_000);
  await engine.api('SendTaskHeartbeat', { taskToken: await token() });
  await clock.passUntil(async () => (await engine.describe(arn)).status !== 'RUNNING');
  expect(await engine.end(arn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"Error":"States.Timeout","Cause":null}',
  });
  const events = await engine.events(arn);
  const [started, timedOut] = [events[0]!, events[5]!].map(({ timestamp }) => timestamp!.getTime());
  expect(timedOut! - started!).toBeGreaterThanOrEqual(1_000_000);
  expect(lines(events).slice(4, 7)).toEqual(['5 4 TaskSubmitted', '6 5 TaskTimedOut', '7 6 TaskStateExited']);
  expect(events[5]!.taskTimedOutEventDetails).toEqual({
    error: 'States.Timeout',
    resource: 'sendMessage.waitForTaskToken',
    resourceType: 'sqs',
  });
  await expect(engine.api('SendTaskSuccess', { taskToken: await token(), output: '{}' })).rejects.toMatchObject({
    code: 'TaskTimedOut',
  });
});

test('each attempt has a token of its own', async () => {
  const { engine, token, tokens } = asking();
  const arn = await engine.start(await engine.create(ask({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }] })));
  const first = await token();
  await engine.api('SendTaskFailure', { taskToken: first, error: 'Again' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  engine.clock.advance(2000);
  await until(() => (tokens.length === 2 ? true : undefined));
  expect(tokens[1]).not.toBe(first);
  await engine.api('SendTaskSuccess', { taskToken: tokens[1], output: '"second"' });
  expect(await engine.end(arn)).toMatchObject({ output: '"second"' });
});

test('wrong tokens and outputs', async () => {
  const { engine, token } = asking();
  const arn = await engine.start(await engine.create(ask()));
  const taskToken = await token();
  await expect(engine.api('SendTaskSuccess', { taskToken: 'nonsense', output: '{}' })).rejects.toMatchObject({
    code: 'InvalidToken',
  });
  await expect(engine.api('SendTaskHeartbeat', { taskToken: `${taskToken}x` })).rejects.toMatchObject({
    code: 'TaskDoesNotExist',
  });
  await expect(engine.api('SendTaskSuccess', { taskToken, output: '{' })).rejects.toMatchObject({
    code: 'InvalidOutput',
  });
  await engine.api('SendTaskSuccess', { taskToken, output: '{}' });
  await expect(engine.api('SendTaskSuccess', { taskToken, output: '{}' })).rejects.toMatchObject({
    code: 'TaskTimedOut',
  });
  expect((await engine.end(arn)).status).toBe('SUCCEEDED');
});

test('a token belongs to its state machine also when its task has ended: who may complete it is not denied then', async () => {
  const { engine, token } = asking();
  const machine = await engine.create(ask());
  const arn = await engine.start(machine);
  const taskToken = await token();
  const { permissions } = engine.stepFunctions.service.actions['SendTaskSuccess']!;
  const needed = [{ action: 'states:SendTaskSuccess', resource: machine }];
  expect(permissions!({ taskToken, output: '{}' })).toEqual(needed);
  await engine.api('SendTaskSuccess', { taskToken, output: '{}' });
  await engine.end(arn);
  expect(permissions!({ taskToken, output: '{}' })).toEqual(needed);
});
