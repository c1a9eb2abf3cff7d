import { Engine, LAMBDA } from './engine';

const done = { Type: 'Succeed' };

async function problemsOf(states: object, more: object = {}): Promise<string> {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: Object.keys(states)[0],
    States: states,
    ...more,
  });
  const engine = new Engine();
  return engine.stepFunctions
    .createFromTemplate({ name: 'm', definition, roleArn: 'arn:aws:iam::000000000000:role/r' })
    .then(
      () => 'none',
      ({ code, message }) => `${code} ${message}`,
    );
}

test.each<[string, object, string]>([
  [
    'an unknown field',
    { A: { ...done, Colour: 'red' } },
    "A Succeed state has no field 'Colour' in JSONata; it has Type, Comment, QueryLanguage, Output at /States/A/Colour",
  ],
  [
    'a field of JSONPath',
    { A: { Type: 'Pass', ResultPath: '$.a', End: true } },
    "has no field 'ResultPath' in JSONata",
  ],
  [
    'an unknown type',
    { A: { Type: 'Loop' } },
    'The field \'Type\' has to be one of Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map, not "Loop" at /States/A/Type',
  ],
  ['no type', { A: {} }, 'These fields are required: [Type] at /States/A'],
  [
    'a missing target',
    { A: { Type: 'Pass', Next: 'B' } },
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A",
  ],
  [
    'a state that nothing leads to',
    { A: done, B: done },
    'MISSING_TRANSITION_TARGET: State "B" is not reachable at /States/B',
  ],
  ['neither Next nor End', { A: { Type: 'Pass' } }, "A state has to have either 'Next' or 'End' at /States/A"],
  [
    'both Next and End',
    { A: { Type: 'Pass', Next: 'B', End: true }, B: done },
    "A state cannot have both 'Next' and 'End'",
  ],
  ['a name too long', { ['x'.repeat(81)]: done }, 'State names have 1 to 80 characters, this one 81'],
  ['JSONPath for one state', { A: { ...done, QueryLanguage: 'JSONPath' } }, 'The local engine runs only JSONata'],
  [
    '$eval',
    { A: { ...done, Output: '{% $eval("1") %}' } },
    'The JSONata expression \'$eval("1")\' cannot be used: the function $eval is not available in Step Functions; use $parse for JSON text at /States/A/Output',
  ],
  ['a bare $', { A: { ...done, Output: '{% $.a %}' } }, '$ on its own refers to nothing: write $states.input'],
  ['$$', { A: { ...done, Output: '{% $states.input.[$$] %}' } }, '$$ refers to nothing'],
  [
    'a bare field',
    { A: { ...done, Output: { deep: ['{% total + 1 %}'] } } },
    'the field "total" is read from nothing: write $states.input.total at /States/A/Output/deep/0',
  ],
  [
    '$states.result where there is none',
    { A: { ...done, Output: '{% $states.result %}' } },
    '$states.result does not exist here; there are $states.input, $states.context',
  ],
  [
    'an unknown part of the context',
    { A: { ...done, Output: '{% $states.context.Execution.Nmae %}' } },
    'the context object has no Execution.Nmae',
  ],
  [
    'a newer operator',
    { A: { ...done, Output: '{% $states.input.a ?? 1 %}' } },
    'the operator ?? is newer than the JSONata of Step Functions',
  ],
  [
    'another newer operator',
    { A: { ...done, Output: '{% $states.input.a ?: 1 %}' } },
    'the operator ?: is newer than the JSONata of Step Functions',
  ],
  ['no JSONata', { A: { ...done, Output: '{% 1 + %}' } }, "The JSONata expression '1 +' cannot be parsed"],
  [
    'a variable named states',
    { A: { Type: 'Pass', Assign: { states: 1 }, End: true } },
    "'states' cannot be a variable",
  ],
  [
    'an inner scope that assigns an outer variable',
    {
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'M' },
      M: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', Assign: { x: 2 }, End: true } } },
        End: true,
      },
    },
    "The variable 'x' belongs to an outer scope, where it is assigned: an inner scope can only read it at /States/M/ItemProcessor/States",
  ],
  [
    'a name used in two scopes',
    { A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: done } }], End: true } },
    'DUPLICATE_STATE_NAME: Duplicate state name: A at /States/A/Branches[0]/States/A',
  ],
  [
    'a distributed Map',
    {
      A: {
        Type: 'Map',
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: { B: done } },
        End: true,
      },
    },
    'one of INLINE, not "DISTRIBUTED"',
  ],
  ['Wait without a time', { A: { Type: 'Wait', End: true } }, "A Wait state has either 'Seconds' or 'Timestamp'"],
  [
    'a Timestamp that is a number',
    { A: { Type: 'Wait', Timestamp: 1480973369, End: true } },
    "'SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/A/Timestamp'",
  ],
  [
    'a retrier out of range',
    {
      A: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'B', States: { B: done } }],
        Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.5 }],
        End: true,
      },
    },
    "The field 'BackoffRate' has to be a number of at least 1, not 0.5 at /States/A/Retry[0]/BackoffRate",
  ],
  [
    'an unknown field of a retrier',
    {
      A: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'B', States: { B: done } }],
        Retry: [{ ErrorEquals: ['E'], Attempts: 1 }],
        End: true,
      },
    },
    "A retrier has no field 'Attempts'",
  ],
  [
    'States.ALL among others',
    {
      A: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'B', States: { B: done } }],
        Catch: [{ ErrorEquals: ['States.ALL', 'E'], Next: 'C' }],
        End: true,
      },
      C: done,
    },
    "'States.ALL' has to stand alone",
  ],
  [
    'a target of Catch',
    {
      A: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'B', States: { B: done } }],
        Catch: [{ ErrorEquals: ['E'], Next: 'Nowhere' }],
        End: true,
      },
    },
    "Missing 'Next' target: Nowhere at /States/A",
  ],
  [
    'a rule without Condition',
    { A: { Type: 'Choice', Choices: [{ Next: 'B' }] }, B: done },
    'These fields are required: [Condition] at /States/A/Choices[0]',
  ],
])('%s', async (_, states, expected) => {
  const problems = await problemsOf(states);
  expect(problems).toMatch(/^InvalidDefinition Invalid State Machine Definition: '/);
  expect(problems).toContain(expected);
});

// As recorded on AWS.
test.each([
  '2016-12-05 21:29:29Z',
  '2016-12-05T21:29:29',
  '2016-13-05T21:29:29Z',
  '2016-12-05T25:29:29Z',
  '05-12-2016T21:29:29Z',
  '2016-12-05T21:29Z',
  '2016-02-30T21:29:29Z',
])('%s is not RFC 3339', async (Timestamp) => {
  expect(await problemsOf({ WaitUntil: { Type: 'Wait', Timestamp, End: true } })).toBe(
    "InvalidDefinition Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/WaitUntil/Timestamp'",
  );
});

test.each(['2016-12-05T21:29:29Z', '2016-12-05T21:29:29.123456789Z', '2016-12-05T21:29:29+02:00'])(
  '%s is RFC 3339',
  async (Timestamp) => {
    expect(await problemsOf({ WaitUntil: { Type: 'Wait', Timestamp, End: true } })).toBe('none');
  },
);

test.each<[string, object, string]>([
  ['arn:aws:lambda:eu-central-1:000000000000:function:f', {}, 'it has to begin with arn:aws:states:::'],
  [
    'arn:aws:states:::glue:startJobRun',
    {},
    "The local engine has no integration 'glue:startJobRun'; it has lambda:invoke, ",
  ],
  ['arn:aws:states:::dynamodb:putItem.waitForTaskToken', {}, "'dynamodb:putItem' does not support '.waitForTaskToken'"],
  ['arn:aws:states:::aws-sdk:ssm:sendCommand.sync', {}, "'aws-sdk' integrations have no '.sync'"],
  ['arn:aws:states:::lambda:invoke.later', {}, "ends with '.later'; there are .sync, .sync:2, .waitForTaskToken"],
  ['arn:aws:states:::aws-sdk:s3:getObject', {}, "The local engine has no service 'aws-sdk:s3'"],
  ['arn:aws:states:::aws-sdk:ssm:sendComand', {}, "The service 'aws-sdk:ssm' has no action 'sendComand'"],
  [
    'arn:aws:states:::aws-sdk:ssm:SendCommand',
    { DocumentName: 'd' },
    "The service 'aws-sdk:ssm' has no action 'SendCommand'",
  ],
  [
    'arn:aws:states:::aws-sdk:ssm:sendCommand',
    { DocumentName: 'd', Comand: 1 },
    "The field 'Comand' is not supported by Step Functions; SendCommandRequest has DocumentName, ",
  ],
  ['arn:aws:states:::aws-sdk:ssm:sendCommand', {}, "The field 'DocumentName' is required but was missing"],
  [
    'arn:aws:states:::aws-sdk:sfn:describeExecution',
    { executionArn: 'x' },
    "The field 'executionArn' is not supported by Step Functions; DescribeExecutionInput has ExecutionArn",
  ],
  [
    'arn:aws:states:::aws-sdk:ssm:sendCommand',
    { DocumentName: 'd', Targets: [{ Key: 'k', Vals: [] }] },
    "The field 'Vals' is not supported",
  ],
  [LAMBDA, { Payload: {} }, "The field 'FunctionName' is required but was missing at /States/A/Arguments"],
  [
    LAMBDA,
    { FunctionName: 'f', Tenant: 'x' },
    "The field 'Tenant' is not supported by Step Functions; there are FunctionName, ",
  ],
])('a task with resource %s and arguments %j', async (resource, given, expected) => {
  const problems = await problemsOf({ A: { Type: 'Task', Resource: resource, Arguments: given, End: true } });
  expect(problems).toContain(expected);
});

test('mistakes of the machine itself', async () => {
  const engine = new Engine();
  const create = (definition: unknown) =>
    engine
      .api('CreateStateMachine', {
        name: 'm',
        roleArn: 'r',
        definition: typeof definition === 'string' ? definition : JSON.stringify(definition),
      })
      .then(String, ({ code, message }) => `${code} ${message}`);
  expect(await create('{')).toMatch(/^InvalidDefinition .*INVALID_JSON_DESCRIPTION/);
  expect(await create('[]')).toContain('Definition must be a valid JSON object');
  expect(await create({ QueryLanguage: 'JSONata' })).toContain('These fields are required: [StartAt, States] at /');
  expect(await create({ QueryLanguage: 'JSONata', StartAt: 'B', States: { A: done } })).toContain(
    "Missing 'Next' target: B at /StartAt",
  );
  expect(await create({ StartAt: 'A', States: { A: done } })).toContain("set QueryLanguage to 'JSONata'");
  expect(await create({ QueryLanguage: 'JSONPath', StartAt: 'A', States: { A: done } })).toContain(
    'The local engine runs only the query language JSONata',
  );
  expect(await create({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: done }, Timeout: 1 })).toContain(
    "A state machine has no field 'Timeout'",
  );
});

test('all mistakes are told at once, and ValidateStateMachineDefinition lists them', async () => {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'A',
    States: { A: { Type: 'Pass', Next: 'B', Foo: 1 } },
  });
  const engine = new Engine();
  expect(await engine.api('ValidateStateMachineDefinition', { definition })).toMatchObject({
    result: 'FAIL',
    diagnostics: [
      { severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', location: '/States/A/Foo' },
      { severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', location: '/States/A' },
    ],
  });
  const fine = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: done } });
  expect(await engine.api('ValidateStateMachineDefinition', { definition: fine })).toEqual({
    result: 'OK',
    diagnostics: [],
    truncated: false,
  });
});

test('QueryLanguage may be said by each state instead of the machine', async () => {
  expect(
    await problemsOf({ A: { ...done, QueryLanguage: 'JSONata', Output: '{% 1 %}' } }, { QueryLanguage: undefined }),
  ).toBe('none');
});
