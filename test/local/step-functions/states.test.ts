import { Engine, eventOf, lines } from './engine';

describe('Pass and Succeed', () => {
  test('pass their input on, and their Output where there is one', async () => {
    const { status, output, events } = await new Engine().run(
      {
        Keep: { Type: 'Pass', Next: 'Change' },
        Change: { Type: 'Pass', Output: { was: '{% $states.input.a %}', literal: '$states.input' }, Next: 'Done' },
        Done: { Type: 'Succeed', Output: '{% [$states.input, 1] %}' },
      },
      { a: 1 },
    );
    expect(status).toBe('SUCCEEDED');
    expect(output).toBe('[{"was":1,"literal":"$states.input"},1]');
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 PassStateEntered',
      '3 2 PassStateExited',
      '4 3 PassStateEntered',
      '5 4 PassStateExited',
      '6 5 SucceedStateEntered',
      '7 6 SucceedStateExited',
      '8 7 ExecutionSucceeded',
    ]);
    expect(events[0]).toMatchObject({
      executionStartedEventDetails: {
        input: '{"a":1}',
        inputDetails: { truncated: false },
        roleArn: 'arn:aws:iam::000000000000:role/machine',
      },
    });
    expect(events[3]).toMatchObject({
      stateEnteredEventDetails: { name: 'Change', input: '{"a":1}', inputDetails: { truncated: false } },
    });
    expect(events[4]).toMatchObject({
      stateExitedEventDetails: { name: 'Change', output: '{"was":1,"literal":"$states.input"}' },
    });
    expect(events[7]).toMatchObject({
      executionSucceededEventDetails: { output: '[{"was":1,"literal":"$states.input"},1]' },
    });
  });
});

describe('Fail', () => {
  test('ends the execution with its Error and Cause', async () => {
    const { status, error, cause, events } = await new Engine().run(
      { No: { Type: 'Fail', Error: 'ClusterLocked', Cause: "{% 'held by ' & $states.input.holder %}" } },
      { holder: 'me' },
    );
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'ClusterLocked', cause: 'held by me' });
    expect(lines(events)).toEqual(['1 0 ExecutionStarted', '2 0 FailStateEntered', '3 2 ExecutionFailed']);
    expect(events[2]).toMatchObject({ executionFailedEventDetails: { error: 'ClusterLocked', cause: 'held by me' } });
  });

  test('without Error and Cause there is none', async () => {
    const { events } = await new Engine().run({ No: { Type: 'Fail' } });
    expect(events[2]!.executionFailedEventDetails).toEqual({});
  });
});

describe('Choice', () => {
  const states = {
    Ask: {
      Type: 'Choice',
      Choices: [
        {
          Condition: '{% $states.input.n > 10 %}',
          Next: 'Big',
          Assign: { size: 'big' },
          Output: '{% $states.input.n %}',
        },
        { Condition: '{% $states.input.n > 5 %}', Next: 'Middle' },
      ],
      Default: 'Small',
      Assign: { size: 'small' },
      Output: { small: true },
    },
    Big: { Type: 'Pass', Output: '{% [$size, $states.input] %}', End: true },
    Middle: { Type: 'Pass', Output: "{% $exists($size) ? 'assigned' : $states.input %}", End: true },
    Small: { Type: 'Pass', Output: '{% [$size, $states.input] %}', End: true },
  };

  test('the first rule that is true, with its own Assign and Output', async () => {
    const { result, events } = await new Engine().run(states, { n: 11 });
    expect(result).toEqual(['big', 11]);
    expect(lines(events).slice(1, 4)).toEqual([
      '2 0 ChoiceStateEntered',
      '3 2 ChoiceStateExited',
      '4 3 PassStateEntered',
    ]);
    expect(events[2]).toMatchObject({
      stateExitedEventDetails: { name: 'Ask', output: '11', assignedVariables: { size: '"big"' } },
    });
  });

  test('a rule without Output passes the input on and assigns nothing of the default', async () => {
    expect((await new Engine().run(states, { n: 6 })).result).toEqual({ n: 6 });
  });

  test("the state's own Assign and Output belong to the default", async () => {
    expect((await new Engine().run(states, { n: 1 })).result).toEqual(['small', { small: true }]);
  });

  test('no rule and no default', async () => {
    const { status, error, events } = await new Engine().run({
      Ask: { Type: 'Choice', Choices: [{ Condition: false, Next: 'End' }] },
      End: { Type: 'Succeed' },
    });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.NoChoiceMatched' });
    expect(lines(events)).toEqual(['1 0 ExecutionStarted', '2 0 ChoiceStateEntered', '3 2 ExecutionFailed']);
  });

  test('a condition that is no boolean', async () => {
    const { error, cause } = await new Engine().run({
      Ask: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'End' }], Default: 'End' },
      End: { Type: 'Succeed' },
    });
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain("returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1");
  });
});

describe('Wait', () => {
  test('follows the clock', async () => {
    const engine = new Engine();
    const arn = await engine.start(
      await engine.create({ Nap: { Type: 'Wait', Seconds: '{% $states.input.s %}', End: true } }),
      { s: 3600 },
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    engine.clock.advance(3_500_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await engine.describe(arn)).status).toBe('RUNNING');
    engine.clock.advance(100_000);
    expect((await engine.end(arn)).status).toBe('SUCCEEDED');
    expect(lines(await engine.events(arn))).toEqual([
      '1 0 ExecutionStarted',
      '2 0 WaitStateEntered',
      '3 2 WaitStateExited',
      '4 3 ExecutionSucceeded',
    ]);
  });

  test('a timestamp that has passed is not waited for', async () => {
    const { status } = await new Engine().run({ Nap: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true } });
    expect(status).toBe('SUCCEEDED');
  });

  test('until a timestamp of the clock', async () => {
    const engine = new Engine();
    const until = new Date(engine.clock.now().getTime() + 86_400_000).toISOString();
    const arn = await engine.start(
      await engine.create({ Nap: { Type: 'Wait', Timestamp: '{% $states.input %}', End: true } }),
      until,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await engine.describe(arn)).status).toBe('RUNNING');
    engine.clock.advance(86_400_001);
    expect((await engine.end(arn)).status).toBe('SUCCEEDED');
  });

  // As recorded on AWS: evaluated while entering the state, read as a time after that.
  test.each([
    '2016-12-05 21:29:29Z',
    '2016-12-05T21:29:29',
    '2016-13-05T21:29:29Z',
    '2016-12-05T25:29:29Z',
    '05-12-2016T21:29:29Z',
  ])('until %s, which is not RFC 3339', async (text) => {
    const { error, cause, events } = await new Engine().run(
      { Nap: { Type: 'Wait', Timestamp: '{% $states.input %}', End: true } },
      text,
    );
    expect({ error, cause }).toEqual({
      error: 'States.QueryEvaluationError',
      cause: `An error occurred while executing the state 'Nap' (entered at the event id #2). The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    });
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 WaitStateEntered',
      '3 2 EvaluationFailed',
      '4 3 ExecutionFailed',
    ]);
    expect(events[2]!.evaluationFailedEventDetails).toEqual({ error, cause, location: 'Timestamp', state: 'Nap' });
  });

  test('until a time that is no string', async () => {
    const { cause, events } = await new Engine().run({ Nap: { Type: 'Wait', Timestamp: '{% 1 %}', End: true } });
    expect(cause).toContain("'Timestamp' returned an unexpected result type. Expected 'string', but was 'number'");
    expect(lines(events)[2]).toBe('3 0 EvaluationFailed');
  });

  test('a negative number of seconds', async () => {
    const { error, cause } = await new Engine().run({ Nap: { Type: 'Wait', Seconds: '{% -1 %}', End: true } });
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain("'Seconds'");
  });
});

describe('variables', () => {
  test('Assign sees the old values, and the state that assigns does too in its Output', async () => {
    const { result, events } = await new Engine().run({
      First: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
      Swap: { Type: 'Pass', Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% [$a, $b] %}', Next: 'Show' },
      Show: { Type: 'Pass', Output: '{% {"before": $states.input, "after": [$a, $b]} %}', End: true },
    });
    expect(result).toEqual({ before: [1, 2], after: [2, 1] });
    expect(events[2]).toMatchObject({
      stateExitedEventDetails: {
        assignedVariables: { a: '1', b: '2' },
        assignedVariablesDetails: { truncated: false },
      },
    });
  });

  test('inner scopes read outer variables; what they assign ends with them', async () => {
    const { result } = await new Engine().run({
      Outer: { Type: 'Pass', Assign: { x: 'outer' }, Next: 'Each' },
      Each: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: {
          StartAt: 'Inner',
          States: {
            Inner: { Type: 'Pass', Assign: { y: '{% $x & $states.input %}' }, Next: 'Deeper' },
            Deeper: {
              Type: 'Parallel',
              Branches: [{ StartAt: 'Leaf', States: { Leaf: { Type: 'Pass', Output: '{% [$x, $y] %}', End: true } } }],
              End: true,
            },
          },
        },
        Assign: { collected: '{% $states.result %}' },
        Next: 'Show',
      },
      Show: { Type: 'Pass', Output: '{% {"x": $x, "collected": $collected} %}', End: true },
    });
    expect(result).toEqual({ x: 'outer', collected: [[['outer', 'outer1']], [['outer', 'outer2']]] });
  });
});

test('what an inner scope assigned is not there outside', async () => {
  const { error, cause } = await new Engine().run({
    Each: {
      Type: 'Map',
      Items: [1],
      ItemProcessor: { StartAt: 'Inner', States: { Inner: { Type: 'Pass', Assign: { x: 2 }, End: true } } },
      Next: 'Show',
    },
    Show: { Type: 'Pass', Output: '{% $x %}', End: true },
  });
  expect(error).toBe('States.QueryEvaluationError');
  expect(cause).toContain("'$x' specified for the field 'Output' returned nothing (undefined).");
});

describe('the context object', () => {
  test('of an execution, a state and a machine', async () => {
    const engine = new Engine();
    const before = engine.clock.now().getTime();
    const { result, executionArn, stateMachineArn, name } = await engine.run(
      { Show: { Type: 'Pass', Output: '{% $states.context %}', End: true } },
      { a: 1 },
    );
    expect(result).toEqual({
      Execution: {
        Id: executionArn,
        Input: { a: 1 },
        Name: name,
        RoleArn: 'arn:aws:iam::000000000000:role/machine',
        StartTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        RedriveCount: 0,
      },
      State: { Name: 'Show', EnteredTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) },
      StateMachine: { Id: stateMachineArn, Name: 'machine-1' },
    });
    expect(Date.parse(result.Execution.StartTime)).toBeGreaterThanOrEqual(before);
  });
});

describe('failing expressions', () => {
  // Histories as AWS records them: the event follows the one before the state, because entering and evaluating are one step there.
  test('an undefined Output', async () => {
    const { status, error, events } = await new Engine().run({
      First: { Type: 'Pass', Next: 'Second' },
      Second: { Type: 'Pass', Output: { result: '{% $states.input.missing %}' }, End: true },
    });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 PassStateEntered',
      '3 2 PassStateExited',
      '4 3 PassStateEntered',
      '5 3 EvaluationFailed',
      '6 5 ExecutionFailed',
    ]);
    const cause =
      "An error occurred while executing the state 'Second' (entered at the event id #4). The JSONata expression '$states.input.missing' " +
      "specified for the field 'Output/result' returned nothing (undefined).";
    expect(events[4]!.evaluationFailedEventDetails).toEqual({
      error: 'States.QueryEvaluationError',
      cause,
      location: 'Output/result',
      state: 'Second',
    });
    expect(events[5]!.executionFailedEventDetails).toEqual({ error: 'States.QueryEvaluationError', cause });
  });

  test.each([
    ['$states.input.a + 1', 'threw an error during evaluation. T2001: '],
    ['$error("no good")', 'threw an error during evaluation. D3137: no good'],
    ['$nobody', "The JSONata expression '$nobody' specified for the field 'Output' returned nothing (undefined)."],
    ['$nobody + 1', 'returned nothing (undefined).'],
    ['$frobnicate(1)', 'threw an error during evaluation. T1006: '],
    ['function($x) { $x }', 'returned an unsupported result type.'],
    ['{"f": $sum}', 'returned an unsupported result type.'],
    ['($f := function($n) { $f($n) + 1 }; $f(1))', 'threw an error during evaluation. '],
  ])('%s', async (expression, reason) => {
    const { error, cause } = await new Engine().run(
      { Show: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } },
      { a: 'x' },
    );
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(reason);
  });

  test('the result of a wait comes from a later step, so its failure follows the state', async () => {
    const { events } = await new Engine().run({
      Nap: { Type: 'Wait', Seconds: 0, Output: '{% $states.input.no %}', End: true },
    });
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 WaitStateEntered',
      '3 2 EvaluationFailed',
      '4 3 ExecutionFailed',
    ]);
    expect(eventOf(events, 'EvaluationFailed').evaluationFailedEventDetails).toMatchObject({
      location: 'Output',
      state: 'Nap',
    });
  });
});
