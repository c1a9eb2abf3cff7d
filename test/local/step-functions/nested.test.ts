import { AwsError } from '../../../local/aws/aws-call';
import { Engine, lines, ROLE, until } from './engine';

const nested = (child: string, more: object = {}, pattern = '.sync:2') => ({
  Child: {
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${pattern}`,
    Arguments: { StateMachineArn: child, Name: 'child', Input: '{% $states.input %}' },
    End: true,
    ...more,
  },
});

test('.sync:2 waits for the child, and its Input and Output are JSON', async () => {
  const engine = new Engine();
  const child = await engine.create({ Add: { Type: 'Pass', Output: '{% {"n": $states.input.n + 1} %}', End: true } });
  const { result, events } = await engine.run(nested(child), {
    n: 1,
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:parent',
  });
  const childArn = `${child.replace(':stateMachine:', ':execution:')}:child`;
  expect(result).toEqual({
    ExecutionArn: childArn,
    Input: { n: 1, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:parent' },
    InputDetails: { Included: true },
    Name: 'child',
    Output: { n: 2 },
    OutputDetails: { Included: true },
    StartDate: expect.any(Number),
    StateMachineArn: child,
    Status: 'SUCCEEDED',
    StopDate: expect.any(Number),
  });
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
  expect(events[4]).toMatchObject({
    taskSubmittedEventDetails: { resource: 'startExecution.sync:2', resourceType: 'states' },
  });
  expect(JSON.parse(events[4]!.taskSubmittedEventDetails!.output!)).toMatchObject({
    ExecutionArn: childArn,
    StartDate: expect.any(Number),
  });
  // The start goes through the door, under the role of the parent: IAM is asked there.
  expect(engine.calls).toMatchObject([
    { service: 'states', action: 'StartExecution', input: { stateMachineArn: child }, caller: { principal: ROLE } },
  ]);
});

test('.sync leaves them as text', async () => {
  const engine = new Engine();
  const child = await engine.create({ Done: { Type: 'Succeed', Output: [1] } });
  expect((await engine.run(nested(child, {}, '.sync'), { a: 1 })).result).toMatchObject({
    Input: '{"a":1}',
    Output: '[1]',
  });
});

test("a failing child is States.TaskFailed, with the child's DescribeExecution as the cause", async () => {
  const engine = new Engine();
  const child = await engine.create({ No: { Type: 'Fail', Error: 'NodeStepFailed', Cause: '{"node":"cp-1"}' } });
  const { status, error, cause, events } = await engine.run(nested(child), { n: 1 });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.TaskFailed' });
  const described = JSON.parse(cause!);
  expect(described).toEqual({
    Cause: '{"node":"cp-1"}',
    Error: 'NodeStepFailed',
    ExecutionArn: expect.stringMatching(/:execution:machine-1:child$/),
    Input: '{"n":1}',
    InputDetails: { Included: true },
    Name: 'child',
    StartDate: expect.any(Number),
    StateMachineArn: child,
    Status: 'FAILED',
    StopDate: expect.any(Number),
  });
  expect(Object.keys(described)).toEqual([...Object.keys(described)].sort());
  expect(lines(events).slice(4)).toEqual(['5 4 TaskSubmitted', '6 5 TaskFailed', '7 6 ExecutionFailed']);
  expect(events[5]).toMatchObject({
    taskFailedEventDetails: { error: 'States.TaskFailed', resource: 'startExecution.sync:2', resourceType: 'states' },
  });
});

test('without .sync the parent goes on as soon as the child has started', async () => {
  const engine = new Engine();
  const child = await engine.create({ Nap: { Type: 'Wait', Seconds: 1000, End: true } });
  const { result } = await engine.run(nested(child, {}, ''));
  expect(result).toMatchObject({
    ExecutionArn: expect.stringMatching(/:child$/),
    SdkHttpMetadata: { HttpStatusCode: 200 },
  });
  expect((await engine.describe(result.ExecutionArn)).status).toBe('RUNNING');
  await engine.stepFunctions.service.stop!();
});

test('the name is taken', async () => {
  const engine = new Engine();
  const child = await engine.create({ Done: { Type: 'Succeed' } });
  await engine.end(await engine.start(child, {}, 'child'));
  const { error, cause } = await engine.run(nested(child));
  expect(error).toBe('StepFunctions.ExecutionAlreadyExistsException');
  expect(cause).toMatch(
    /^Execution Already Exists: '.*:child' \(Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionAlreadyExists; /,
  );
});

test('no right to start it', async () => {
  const engine = new Engine({
    'states:StartExecution': () => {
      throw new AwsError('AccessDeniedException', 'User: x is not authorized to perform: states:StartExecution');
    },
  });
  const child = 'arn:aws:states:eu-central-1:000000000000:stateMachine:child';
  expect((await engine.run(nested(child))).error).toBe('StepFunctions.AWSStepFunctionsException');
});

describe('StopExecution', () => {
  test('of a parent ends the child that it waits for', async () => {
    const engine = new Engine();
    const child = await engine.create({ Nap: { Type: 'Wait', Seconds: 1000, End: true } });
    const arn = await engine.start(await engine.create(nested(child)));
    const childArn = await until(async () => {
      const { executions } = await engine.api('ListExecutions', { stateMachineArn: child });
      return executions[0]?.executionArn as string | undefined;
    });
    await until(async () => ((await engine.events(arn)).length === 5 ? true : undefined));
    await engine.api('StopExecution', { executionArn: arn, error: 'ByHand', cause: 'enough' });
    expect(await engine.describe(arn)).toMatchObject({
      status: 'ABORTED',
      error: 'ByHand',
      cause: 'enough',
      redriveStatus: 'REDRIVABLE',
    });
    const events = await engine.events(arn);
    expect(lines(events).slice(4)).toEqual(['5 4 TaskSubmitted', '6 0 ExecutionAborted']);
    expect(events[5]!.executionAbortedEventDetails).toEqual({ error: 'ByHand', cause: 'enough' });
    expect((await engine.end(childArn)).status).toBe('ABORTED');
    expect(engine.calls.at(-1)).toMatchObject({
      action: 'StopExecution',
      input: { executionArn: childArn },
      caller: { principal: ROLE },
    });
  });

  test('of an execution in a Wait: nothing follows the end', async () => {
    const engine = new Engine();
    const arn = await engine.start(
      await engine.create({ Nap: { Type: 'Wait', Seconds: 10, Next: 'Never' }, Never: { Type: 'Succeed' } }),
    );
    await until(async () => ((await engine.events(arn)).length === 2 ? true : undefined));
    const { stopDate } = await engine.api('StopExecution', { executionArn: arn });
    engine.clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(lines(await engine.events(arn))).toEqual([
      '1 0 ExecutionStarted',
      '2 0 WaitStateEntered',
      '3 0 ExecutionAborted',
    ]);
    // Stopped again, it stays as it is.
    expect(await engine.api('StopExecution', { executionArn: arn, error: 'Later' })).toEqual({ stopDate });
    expect(await engine.describe(arn)).not.toHaveProperty('error');
  });

  test('a time limit of the task ends the child too', async () => {
    const engine = new Engine();
    const child = await engine.create({ Nap: { Type: 'Wait', Seconds: 1000, End: true } });
    const { error } = await engine.run(nested(child, { TimeoutSeconds: 1 }));
    expect(error).toBe('States.Timeout');
    const { executions } = await engine.api('ListExecutions', { stateMachineArn: child });
    expect((await engine.end(executions[0].executionArn)).status).toBe('ABORTED');
  });
});
