import { Engine, LAMBDA, lambdas, lines, named, until } from './engine';

const task = (more: object = {}) => ({
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  End: true,
  ...more,
});

/** An engine whose function fails for these payloads, until they are taken out. */
function failing(...payloads: unknown[]) {
  const bad = new Set(payloads);
  const seen: unknown[] = [];
  const engine = new Engine(
    lambdas({
      f: (payload) => {
        seen.push(payload);
        if (bad.has(payload)) throw named('Broken', `no ${payload}`);
        return payload;
      },
    }),
  );
  return { engine, bad, seen };
}

async function redrive(engine: Engine, executionArn: string) {
  await engine.api('RedriveExecution', { executionArn });
  return engine.end(executionArn);
}

test('goes on from the task that failed, with its input and the variables of then', async () => {
  const { engine, bad, seen } = failing('x1');
  const { executionArn, status, redriveStatus } = await engine.run(
    {
      Once: { Type: 'Pass', Assign: { v: '{% $states.input %}' }, Output: '{% $states.input & "1" %}', Next: 'Try' },
      Try: task({ Output: '{% [$v, $states.result.Payload, $states.context.Execution.RedriveCount] %}' }),
    },
    'x',
  );
  expect({ status, redriveStatus }).toEqual({ status: 'FAILED', redriveStatus: 'REDRIVABLE' });
  bad.clear();
  expect(await redrive(engine, executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '["x","x1",1]',
    redriveCount: 1,
  });
  expect(seen).toEqual(['x1', 'x1']);
  const events = await engine.events(executionArn);
  expect(lines(events).slice(6)).toEqual([
    '7 6 TaskFailed',
    '8 7 ExecutionFailed',
    '9 8 ExecutionRedriven',
    '10 9 TaskScheduled',
    '11 10 TaskStarted',
    '12 11 TaskSucceeded',
    '13 12 TaskStateExited',
    '14 13 ExecutionSucceeded',
  ]);
  expect(events[8]!.executionRedrivenEventDetails).toEqual({ redriveCount: 1 });
});

test('of a Map runs only the iterations that did not succeed', async () => {
  const { engine, bad, seen } = failing('b');
  const { executionArn } = await engine.run(
    {
      Each: { Type: 'Map', MaxConcurrency: 1, ItemProcessor: { StartAt: 'Work', States: { Work: task() } }, End: true },
    },
    ['a', 'b', 'c'],
  );
  const before = (await engine.events(executionArn)).length;
  expect(seen).toEqual(['a', 'b']);
  bad.clear();
  expect(await redrive(engine, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '["a","b","c"]' });
  expect(seen).toEqual(['a', 'b', 'b', 'c']);
  const redriven = before + 1;
  const at = (offset: number) => redriven + offset;
  expect(lines(await engine.events(executionArn)).slice(before)).toEqual([
    `${redriven} ${before} ExecutionRedriven`,
    `${at(1)} ${redriven} MapIterationStarted`,
    `${at(2)} ${at(1)} TaskScheduled`,
    `${at(3)} ${at(2)} TaskStarted`,
    `${at(4)} ${at(3)} TaskSucceeded`,
    `${at(5)} ${at(4)} TaskStateExited`,
    `${at(6)} ${at(5)} MapIterationSucceeded`,
    `${at(7)} ${at(5)} MapIterationStarted`,
    `${at(8)} ${at(7)} TaskStateEntered`,
    `${at(9)} ${at(8)} TaskScheduled`,
    `${at(10)} ${at(9)} TaskStarted`,
    `${at(11)} ${at(10)} TaskSucceeded`,
    `${at(12)} ${at(11)} TaskStateExited`,
    `${at(13)} ${at(12)} MapIterationSucceeded`,
    `${at(14)} ${at(13)} MapStateSucceeded`,
    `${at(15)} ${at(13)} MapStateExited`,
    `${at(16)} ${at(15)} ExecutionSucceeded`,
  ]);
});

test('of a Parallel runs only the branches that did not succeed', async () => {
  const { engine, bad, seen } = failing('x');
  const { executionArn } = await engine.run(
    {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Good', States: { Good: { Type: 'Pass', Output: 'good', End: true } } },
          { StartAt: 'Later', States: { Later: { Type: 'Wait', Seconds: 0, Next: 'Work' }, Work: task() } },
        ],
        End: true,
      },
    },
    'x',
  );
  bad.clear();
  expect(await redrive(engine, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '["good","x"]' });
  expect(seen).toEqual(['x', 'x']);
  const types = (await engine.events(executionArn)).map(({ type }) => type);
  expect(types.filter((type) => type === 'PassStateEntered')).toHaveLength(1);
  expect(types.filter((type) => type === 'WaitStateEntered')).toHaveLength(1);
});

test('retries begin anew', async () => {
  const { engine, seen } = failing('x');
  const run = engine.run({ Try: task({ Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }] }) }, 'x');
  const ticking = setInterval(() => engine.clock.advance(10_000), 5);
  const { executionArn } = await run;
  expect((await redrive(engine, executionArn)).status).toBe('FAILED');
  clearInterval(ticking);
  expect(seen).toHaveLength(4);
});

test('a Fail state is entered again and fails again', async () => {
  const engine = new Engine();
  const { executionArn } = await engine.run({ No: { Type: 'Fail', Error: 'E' } });
  expect(await redrive(engine, executionArn)).toMatchObject({ status: 'FAILED', error: 'E', redriveCount: 1 });
  expect(lines(await engine.events(executionArn)).slice(2)).toEqual([
    '3 2 ExecutionFailed',
    '4 3 ExecutionRedriven',
    '5 4 FailStateEntered',
    '6 5 ExecutionFailed',
  ]);
});

test('a Wait goes on to the same time as before', async () => {
  const engine = new Engine();
  const executionArn = await engine.start(await engine.create({ Nap: { Type: 'Wait', Seconds: 100, End: true } }));
  await until(async () => ((await engine.events(executionArn)).length === 2 ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, 10));
  await engine.api('StopExecution', { executionArn });
  engine.clock.advance(101_000);
  expect((await redrive(engine, executionArn)).status).toBe('SUCCEEDED');
});

test('only what ended without success', async () => {
  const engine = new Engine();
  const { executionArn } = await engine.run({ Done: { Type: 'Succeed' } });
  await expect(engine.api('RedriveExecution', { executionArn })).rejects.toMatchObject({
    code: 'ExecutionNotRedrivable',
    message: "Execution Not Redrivable: 'Execution is SUCCEEDED and cannot be redriven'",
  });
});
