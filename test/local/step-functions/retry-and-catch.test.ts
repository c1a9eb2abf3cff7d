import fc from '../../helpers/property';
import { matches, retryDelaySeconds } from '../../../local/step-functions/engine/retry-and-catch';
import { StatesError } from '../../../local/step-functions/states-error';
import { Engine, eventOf, LAMBDA, lambdas, lines, named, until } from './engine';

const task = (more: object) => ({
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: { FunctionName: 'f' },
  End: true,
  ...more,
});

describe('Retry', () => {
  test('waits on the clock, longer each time, and counts the attempts', async () => {
    let calls = 0;
    const engine = new Engine(
      lambdas({
        f: (count) => {
          calls++;
          if (calls < 3) throw named('Throttled', 'later');
          return count;
        },
      }),
    );
    const arn = await engine.start(
      await engine.create({
        Try: task({
          Arguments: { FunctionName: 'f', Payload: '{% $states.context.State.RetryCount %}' },
          Retry: [{ ErrorEquals: ['Throttled'], IntervalSeconds: 100, BackoffRate: 3, MaxAttempts: 2 }],
          Output: '{% $states.result.Payload %}',
        }),
      }),
    );
    await until(() => (calls === 1 ? true : undefined));
    for (const [seconds, expected] of [
      [80, 1],
      [20, 2],
      [280, 2],
      [20, 3],
    ] as const) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      engine.clock.advance(seconds * 1000);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(calls).toBe(expected);
    }
    expect(await engine.end(arn)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
    expect(lines(await engine.events(arn))).toEqual([
      '1 0 ExecutionStarted',
      '2 0 TaskStateEntered',
      '3 2 TaskScheduled',
      '4 3 TaskStarted',
      '5 4 TaskFailed',
      '6 5 TaskScheduled',
      '7 6 TaskStarted',
      '8 7 TaskFailed',
      '9 8 TaskScheduled',
      '10 9 TaskStarted',
      '11 10 TaskSucceeded',
      '12 11 TaskStateExited',
      '13 12 ExecutionSucceeded',
    ]);
    // Start, the state, two retries.
    expect(engine.transitions).toBe(4);
  });

  test('each retrier has its own number of attempts; then the catchers are asked', async () => {
    const errors = ['A', 'B', 'A', 'B'];
    const engine = new Engine(
      lambdas({
        f: () => {
          throw named(errors.shift()!, 'no');
        },
      }),
    );
    const running = engine.run({
      Try: task({
        Retry: [
          { ErrorEquals: ['A'], MaxAttempts: 2 },
          { ErrorEquals: ['States.ALL'], MaxAttempts: 1 },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
      }),
      Caught: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    });
    const ticking = setInterval(() => engine.clock.advance(10_000), 5);
    const { result, events } = await running.finally(() => clearInterval(ticking));
    expect(result).toBe('B');
    expect(errors).toEqual([]);
    expect(events.filter(({ type }) => type === 'TaskFailed')).toHaveLength(4);
  });

  test('MaxAttempts 0 never retries', async () => {
    const engine = new Engine(
      lambdas({
        f: () => {
          throw named('A', 'no');
        },
      }),
    );
    await engine.run({ Try: task({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }] }) });
    expect(engine.calls).toHaveLength(1);
  });

  test('delays: exponential, capped, and with full jitter anything from nothing to the delay', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 1, max: 5, noNaN: true }),
        fc.option(fc.integer({ min: 1001, max: 100_000 }), { nil: undefined }),
        fc.nat(20),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (intervalSeconds, backoffRate, maxDelaySeconds, attempt, chance) => {
          const retrier = {
            errorEquals: [],
            maxAttempts: 3,
            intervalSeconds,
            backoffRate,
            maxDelaySeconds,
            fullJitter: false,
          };
          const plain = retryDelaySeconds(retrier, attempt, chance);
          expect(plain).toBeCloseTo(
            Math.min(intervalSeconds * Math.pow(backoffRate, attempt), maxDelaySeconds ?? Infinity),
          );
          const jittered = retryDelaySeconds({ ...retrier, fullJitter: true }, attempt, chance);
          expect(jittered).toBeGreaterThanOrEqual(0);
          expect(jittered).toBeLessThanOrEqual(plain);
          expect(retryDelaySeconds(retrier, 0, chance)).toBe(intervalSeconds);
        },
      ),
    );
  });
});

describe('Catch', () => {
  test('leaves the state with Output and Assign that see $states.errorOutput', async () => {
    const engine = new Engine(
      lambdas({
        f: () => {
          throw named('Broken', 'no');
        },
      }),
    );
    const { result, events } = await engine.run(
      {
        Try: task({
          Assign: { never: true },
          Catch: [
            { ErrorEquals: ['Other'], Next: 'Wrong' },
            {
              ErrorEquals: ['Broken'],
              Next: 'Caught',
              Assign: { error: '{% $states.errorOutput.Error %}' },
              Output: { input: '{% $states.input %}', message: '{% $parse($states.errorOutput.Cause).errorMessage %}' },
            },
          ],
        }),
        Wrong: { Type: 'Fail' },
        Caught: {
          Type: 'Pass',
          Output: '{% {"from": $states.input, "error": $error, "never": $exists($never)} %}',
          End: true,
        },
      },
      { a: 1 },
    );
    expect(result).toEqual({ from: { input: { a: 1 }, message: 'no' }, error: 'Broken', never: false });
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 TaskStateEntered',
      '3 2 TaskScheduled',
      '4 3 TaskStarted',
      '5 4 TaskFailed',
      '6 5 TaskStateExited',
      '7 6 PassStateEntered',
      '8 7 PassStateExited',
      '9 8 ExecutionSucceeded',
    ]);
    expect(events[5]).toMatchObject({
      stateExitedEventDetails: { name: 'Try', assignedVariables: { error: '"Broken"' } },
    });
  });

  test('without Output the error output is passed on', async () => {
    const engine = new Engine(
      lambdas({
        f: () => {
          throw named('Broken', 'no');
        },
      }),
    );
    const { result } = await engine.run({
      Try: task({ Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    });
    expect(result).toEqual({ Error: 'Broken', Cause: expect.stringContaining('"errorMessage":"no"') });
  });

  test('a failing expression can be caught', async () => {
    const { result, events } = await new Engine().run({
      Try: task({
        Arguments: { FunctionName: '{% $states.input.missing %}' },
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught', Output: 'caught' }],
      }),
      Caught: { Type: 'Succeed' },
    });
    expect(result).toBe('caught');
    expect(lines(events).slice(0, 4)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 TaskStateEntered',
      '3 0 EvaluationFailed',
      '4 3 TaskStateExited',
    ]);
    expect(eventOf(events, 'EvaluationFailed')).toMatchObject({
      evaluationFailedEventDetails: { location: 'Arguments/FunctionName' },
    });
  });

  test('States.Runtime always ends the execution', async () => {
    const { status, error } = await new Engine().run({
      Try: {
        ...task({ Catch: [{ ErrorEquals: ['States.Runtime', 'States.TaskFailed'], Next: 'Caught' }] }),
        Arguments: '{% {"FunctionName": "f", "Nonsense": 1} %}',
      },
      Caught: { Type: 'Succeed' },
    });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('which errors ErrorEquals takes', () => {
  const timeout = new StatesError('States.Timeout', undefined);
  const heartbeat = new StatesError('States.Timeout', undefined, true);
  const custom = new StatesError('Custom', undefined);
  const tooBig = new StatesError('States.DataLimitExceeded', undefined);
  const runtime = new StatesError('States.Runtime', undefined);
  const nameless = new StatesError(undefined, undefined);

  test.each<[string, StatesError, string, boolean]>([
    ['Custom', custom, 'Custom', true],
    ['Custom', custom, 'custom', false],
    ['Custom', custom, 'States.TaskFailed', true],
    ['Custom', custom, 'States.ALL', true],
    ['Custom', custom, 'States.Timeout', false],
    ['no name', nameless, 'States.ALL', true],
    ['time-out', timeout, 'States.Timeout', true],
    ['time-out', timeout, 'States.TaskFailed', false],
    ['time-out', timeout, 'States.HeartbeatTimeout', false],
    ['time-out', timeout, 'States.ALL', true],
    ['missing heartbeat', heartbeat, 'States.HeartbeatTimeout', true],
    ['missing heartbeat', heartbeat, 'States.Timeout', true],
    ['missing heartbeat', heartbeat, 'States.TaskFailed', false],
    ['too much data', tooBig, 'States.ALL', false],
    ['too much data', tooBig, 'States.TaskFailed', false],
    ['too much data', tooBig, 'States.DataLimitExceeded', true],
    ['runtime error', runtime, 'States.ALL', false],
    ['runtime error', runtime, 'States.TaskFailed', false],
    ['runtime error', runtime, 'States.Runtime', false],
  ])('%s (%s) by %s: %s', (_, failure, name, expected) => {
    expect(matches([name], failure)).toBe(expected);
    expect(matches(['Never', name], failure)).toBe(expected);
  });
});
