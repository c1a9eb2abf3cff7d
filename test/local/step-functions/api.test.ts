import { Engine, LAMBDA, lambdas, ROLE, until } from './engine';

const done = { Done: { Type: 'Succeed' } };
const nap = { Nap: { Type: 'Wait', Seconds: 1000, End: true } };

describe('StartExecution', () => {
  test('the same name and input while it runs is the same execution', async () => {
    const engine = new Engine();
    const arn = await engine.create(nap);
    const first = await engine.api('StartExecution', { stateMachineArn: arn, name: 'check-demo-1', input: '{"a":1}' });
    expect(
      await engine.api('StartExecution', { stateMachineArn: arn, name: 'check-demo-1', input: '{"a":1}' }),
    ).toEqual(first);
    expect((await engine.api('ListExecutions', { stateMachineArn: arn })).executions).toHaveLength(1);
    const taken = { code: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${first.executionArn}'` };
    await expect(engine.start(arn, { a: 2 }, 'check-demo-1')).rejects.toMatchObject(taken);
    await engine.api('StopExecution', { executionArn: first.executionArn });
    await expect(engine.start(arn, { a: 1 }, 'check-demo-1')).rejects.toMatchObject(taken);
  });

  test.each(['', 'x'.repeat(81), 'a b', 'a:b', 'a/b', 'a*', 'tab\t', 'nul\u0000', 'a"b'])(
    'the name %j is refused',
    async (name) => {
      const engine = new Engine();
      await expect(engine.start(await engine.create(done), {}, name)).rejects.toMatchObject({ code: 'InvalidName' });
    },
  );

  test('unknown machines and inputs that are no JSON', async () => {
    const engine = new Engine();
    const arn = await engine.create(done);
    const missing = `${arn}-not`;
    await expect(engine.start(missing)).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${missing}'`,
    });
    await expect(engine.start('nonsense')).rejects.toMatchObject({ code: 'InvalidArn' });
    await expect(engine.api('StartExecution', { stateMachineArn: arn, input: "{'a'}" })).rejects.toMatchObject({
      code: 'InvalidExecutionInput',
    });
  });
});

test('DescribeExecution', async () => {
  const engine = new Engine();
  const arn = await engine.create({ No: { Type: 'Fail', Error: 'E', Cause: 'C' } });
  const executionArn = await engine.start(arn, { a: 1 }, 'name');
  expect(await engine.end(executionArn)).toEqual({
    executionArn: 'arn:aws:states:eu-central-1:000000000000:execution:machine-1:name',
    stateMachineArn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:machine-1',
    name: 'name',
    status: 'FAILED',
    startDate: expect.any(Date),
    stopDate: expect.any(Date),
    input: '{"a":1}',
    inputDetails: { included: true },
    error: 'E',
    cause: 'C',
    redriveCount: 0,
    redriveStatus: 'REDRIVABLE',
  });
  await expect(engine.describe(`${executionArn}x`)).rejects.toMatchObject({ code: 'ExecutionDoesNotExist' });
  expect(await engine.api('DescribeStateMachineForExecution', { executionArn })).toMatchObject({
    stateMachineArn: arn,
    roleArn: ROLE,
    updateDate: expect.any(Date),
  });
});

test('lists, their filter and their pages', async () => {
  const engine = new Engine();
  const arn = await engine.create({
    Ask: { Type: 'Choice', Choices: [{ Condition: '{% $states.input %}', Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Succeed' },
    No: { Type: 'Fail' },
  });
  for (const [index, good] of [true, false, true].entries())
    await engine.end(await engine.start(arn, good, `run-${index}`));
  const names = (page: { executions: { name: string }[] }) => page.executions.map(({ name }) => name);
  const first = await engine.api('ListExecutions', { stateMachineArn: arn, maxResults: 2 });
  expect(names(first)).toEqual(['run-2', 'run-1']);
  expect(
    names(await engine.api('ListExecutions', { stateMachineArn: arn, maxResults: 2, nextToken: first.nextToken })),
  ).toEqual(['run-0']);
  expect(names(await engine.api('ListExecutions', { stateMachineArn: arn, statusFilter: 'FAILED' }))).toEqual([
    'run-1',
  ]);
  await expect(engine.api('ListExecutions', { stateMachineArn: arn, nextToken: 'x' })).rejects.toMatchObject({
    code: 'InvalidToken',
  });
});

test('GetExecutionHistory: pages, reverse order, without data', async () => {
  const engine = new Engine();
  const { executionArn } = await engine.run({ A: { Type: 'Pass', Output: 'secret', End: true } }, 'secret');
  const first = await engine.api('GetExecutionHistory', { executionArn, maxResults: 3 });
  expect(first.events.map(({ id }: { id: number }) => id)).toEqual([1, 2, 3]);
  const second = await engine.api('GetExecutionHistory', { executionArn, maxResults: 3, nextToken: first.nextToken });
  expect(second.events.map(({ id }: { id: number }) => id)).toEqual([4]);
  expect(second).not.toHaveProperty('nextToken');
  const reversed = await engine.api('GetExecutionHistory', { executionArn, reverseOrder: true });
  expect(reversed.events.map(({ type }: { type: string }) => type)).toEqual([
    'ExecutionSucceeded',
    'PassStateExited',
    'PassStateEntered',
    'ExecutionStarted',
  ]);
  const bare = await engine.api('GetExecutionHistory', { executionArn, includeExecutionData: false });
  expect(JSON.stringify(bare)).not.toContain('secret');
  expect(bare.events[1]).toMatchObject({ stateEnteredEventDetails: { name: 'A' }, timestamp: expect.any(Date) });
});

describe('state machines', () => {
  test('create, describe, update, list, delete', async () => {
    const engine = new Engine();
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Done', States: done });
    const { stateMachineArn } = await engine.api('CreateStateMachine', {
      name: 'mine',
      definition,
      roleArn: 'r',
      tags: [{ key: 'k', value: 'v' }],
    });
    // Again the same: the same machine. Something else under its name is refused.
    expect((await engine.api('CreateStateMachine', { name: 'mine', definition, roleArn: 'r' })).stateMachineArn).toBe(
      stateMachineArn,
    );
    await expect(
      engine.api('CreateStateMachine', { name: 'mine', definition, roleArn: 'other' }),
    ).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
    expect(await engine.api('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      name: 'mine',
      definition,
      roleArn: 'r',
      status: 'ACTIVE',
      type: 'STANDARD',
    });
    expect(await engine.api('ListTagsForResource', { resourceArn: stateMachineArn })).toEqual({
      tags: [{ key: 'k', value: 'v' }],
    });

    const changed = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Done',
      States: { Done: { Type: 'Succeed', Output: 2 } },
    });
    await engine.api('UpdateStateMachine', { stateMachineArn, definition: changed });
    expect((await engine.end(await engine.start(stateMachineArn))).output).toBe('2');
    await expect(engine.api('UpdateStateMachine', { stateMachineArn, definition: '{}' })).rejects.toMatchObject({
      code: 'InvalidDefinition',
    });
    expect((await engine.end(await engine.start(stateMachineArn))).output).toBe('2');

    expect((await engine.api('ListStateMachines', {})).stateMachines).toMatchObject([{ name: 'mine' }]);
    await engine.api('DeleteStateMachine', { stateMachineArn });
    await expect(engine.start(stateMachineArn)).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
  });

  test('what a user creates runs with the rights of the user, the app under its role', async () => {
    const engine = new Engine(lambdas({ f: () => 1 }));
    const states = { Call: { Type: 'Task', Resource: LAMBDA, Arguments: { FunctionName: 'f' }, End: true } };
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Call', States: states });
    const { stateMachineArn } = await engine.api('CreateStateMachine', { name: 'mine', definition, roleArn: 'r' });
    await engine.end(await engine.start(stateMachineArn));
    await engine.run(states);
    expect(engine.calls.map(({ caller }) => caller.principal)).toEqual(['user', ROLE]);
  });

  test('an unknown member of a request', async () => {
    await expect(new Engine().api('ListStateMachines', { max: 1 })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});

test('what IAM has to allow', async () => {
  const engine = new Engine();
  const machine = 'arn:aws:states:eu-central-1:000000000000:stateMachine:m';
  const execution = 'arn:aws:states:eu-central-1:000000000000:execution:m:x';
  const { actions } = engine.stepFunctions.service;
  const needed = (action: string, input: Record<string, unknown>) => actions[action]!.permissions!(input);
  expect(needed('StartExecution', { stateMachineArn: machine })).toEqual([
    { action: 'states:StartExecution', resource: machine },
  ]);
  for (const action of ['DescribeExecution', 'StopExecution', 'GetExecutionHistory', 'RedriveExecution']) {
    expect(needed(action, { executionArn: execution })).toEqual([{ action: `states:${action}`, resource: execution }]);
  }
  expect(needed('SendTaskSuccess', { taskToken: 't', output: '{}' })).toEqual([
    { action: 'states:SendTaskSuccess', resource: '*' },
  ]);
});

test('status changes are told to the event bus', async () => {
  const engine = new Engine();
  const { executionArn, stateMachineArn, name } = await engine.run(
    { No: { Type: 'Fail', Error: 'E', Cause: 'C' } },
    { a: 1 },
  );
  expect(engine.emitted).toMatchObject([
    { detail: { status: 'RUNNING', stopDate: null, redriveStatus: 'NOT_REDRIVABLE' } },
    { detail: { status: 'FAILED' } },
  ]);
  expect(engine.emitted[1]).toEqual({
    id: expect.any(String),
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    account: '000000000000',
    region: 'eu-central-1',
    time: expect.stringMatching(/Z$/),
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn,
      name,
      status: 'FAILED',
      startDate: expect.any(Number),
      stopDate: expect.any(Number),
      input: '{"a":1}',
      output: null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: 'REDRIVABLE',
      redriveStatusReason: null,
      inputDetails: { included: true },
      outputDetails: null,
      error: 'E',
      cause: 'C',
    },
  });
});

test('stop() ends everything at once and tells nobody', async () => {
  const engine = new Engine({ 'lambda:Invoke': () => new Promise(() => undefined) });
  const sleeping = await engine.start(await engine.create(nap));
  const calling = await engine.start(
    await engine.create({
      Call: { Type: 'Task', Resource: LAMBDA, Arguments: { FunctionName: 'f' }, HeartbeatSeconds: 1000, End: true },
    }),
  );
  await until(() => (engine.calls.length === 1 ? true : undefined));
  const told = engine.emitted.length;
  await engine.stepFunctions.service.stop!();
  expect((await engine.describe(sleeping)).status).toBe('ABORTED');
  expect((await engine.describe(calling)).status).toBe('ABORTED');
  expect(engine.emitted).toHaveLength(told);
});
