import { Engine, LAMBDA, lambdas, lines } from './engine';

const KIB_256 = 256 * 1024;

describe('256 KiB of data, in UTF-8', () => {
  // A string of n characters is n + 2 bytes of JSON.
  test('the output of a state', async () => {
    const states = { Make: { Type: 'Pass', Output: '{% $pad("", $states.input, "x") %}', End: true } };
    expect((await new Engine().run(states, KIB_256 - 2)).status).toBe('SUCCEEDED');
    const { error, cause, events } = await new Engine().run(states, KIB_256 - 1);
    expect({ error, cause }).toEqual({
      error: 'States.DataLimitExceeded',
      cause: "The state/task 'Make' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
    expect(lines(events)).toEqual(['1 0 ExecutionStarted', '2 0 PassStateEntered', '3 2 ExecutionFailed']);
  });

  test('counted in bytes, not characters', async () => {
    const { error } = await new Engine().run({
      Make: { Type: 'Pass', Output: '{% $pad("", 100000, "€") %}', End: true },
    });
    expect(error).toBe('States.DataLimitExceeded');
  });

  const big = (more: object = {}) => ({
    Big: { Type: 'Task', Resource: LAMBDA, Arguments: { FunctionName: 'big' }, Output: 'small', End: true, ...more },
    Caught: { Type: 'Succeed', Output: 'caught' },
  });
  const engine = () => new Engine(lambdas({ big: () => 'x'.repeat(KIB_256) }));

  test("a task's result fails the task; States.ALL does not catch it", async () => {
    const { status, error, cause, events } = await engine().run(
      big({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
    );
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(cause).toBe(
      "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
    expect(lines(events).slice(4)).toEqual(['5 4 TaskFailed', '6 5 ExecutionFailed']);
  });

  test('its own name catches it', async () => {
    expect(
      await engine().run(big({ Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }] })),
    ).toMatchObject({ result: 'caught' });
  });

  test("a task's arguments, before anything is called", async () => {
    const calling = engine();
    const { error } = await calling.run({
      ...big({ Arguments: { FunctionName: 'big', Payload: `{% $pad("", ${KIB_256}, "x") %}` } }),
      Big: {
        ...big().Big,
        Arguments: { FunctionName: 'big', Payload: `{% $pad("", ${KIB_256}, "x") %}` },
        Catch: [{ ErrorEquals: ['Never'], Next: 'Caught' }],
      },
    });
    expect(error).toBe('States.DataLimitExceeded');
    expect(calling.calls).toEqual([]);
  });

  test('the variables that one state assigns', async () => {
    const { error, cause } = await new Engine().run({
      Set: { Type: 'Pass', Assign: { a: '{% $pad("", 200000, "x") %}', b: '{% $pad("", 100000, "x") %}' }, End: true },
    });
    expect(error).toBe('States.DataLimitExceeded');
    expect(cause).toContain("'Set'");
  });

  test('the input of an execution', async () => {
    const engine = new Engine();
    const arn = await engine.create({ Done: { Type: 'Succeed' } });
    await expect(engine.start(arn, 'x'.repeat(KIB_256))).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

test('25,000 history events', async () => {
  const engine = new Engine();
  const { status, error, cause, executionArn, redriveStatus, redriveStatusReason } = await engine.run({
    Again: { Type: 'Pass', Next: 'Ask' },
    Ask: { Type: 'Choice', Choices: [{ Condition: true, Next: 'Again' }], Default: 'Never' },
    Never: { Type: 'Succeed' },
  });
  expect({ status, error, cause }).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'The execution reached the maximum number of history events (25000).',
  });
  expect({ redriveStatus, redriveStatusReason }).toEqual({
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution history event limit exceeded',
  });
  const { events } = await engine.api('GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 2 });
  expect(events).toMatchObject([
    { id: 25_000, type: 'ExecutionFailed' },
    { id: 24_999, previousEventId: 24_998 },
  ]);
  await expect(engine.api('RedriveExecution', { executionArn })).rejects.toMatchObject({
    code: 'ExecutionNotRedrivable',
  });
});
