import fc from '../../helpers/property';
import { Engine, LAMBDA, lambdas, lines, named } from './engine';

const pass = (output: unknown) => ({ Type: 'Pass', Output: output, End: true });
const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });
const task = (functionName: string) => ({
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: { FunctionName: functionName, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  End: true,
});

describe('Parallel', () => {
  test('gives its Arguments to each branch, and the outputs in the order of the branches', async () => {
    const { result, events } = await new Engine().run(
      {
        Both: {
          Type: 'Parallel',
          Arguments: { n: '{% $states.input.n + 1 %}' },
          Branches: [
            branch('One', pass('{% $states.input.n * 10 %}')),
            branch('Two', pass('{% $states.input.n * 100 %}')),
          ],
          Output: '{% {"list": $states.result} %}',
          Next: 'Done',
        },
        Done: { Type: 'Succeed' },
      },
      { n: 1 },
    );
    expect(result).toEqual({ list: [20, 200] });
    const types = lines(events);
    expect(types.slice(0, 3)).toEqual(['1 0 ExecutionStarted', '2 0 ParallelStateEntered', '3 2 ParallelStateStarted']);
    // Both branches begin after the start; which of them ends last is not said.
    expect(types.filter((line) => line.endsWith(' 3 PassStateEntered'))).toHaveLength(2);
    expect(types[7]).toBe('8 7 ParallelStateSucceeded');
    expect(types.slice(8)).toEqual([
      '9 7 ParallelStateExited',
      '10 9 SucceedStateEntered',
      '11 10 SucceedStateExited',
      '12 11 ExecutionSucceeded',
    ]);
  });

  test('a failing branch is caught; the task that failed is told as aborted', async () => {
    const engine = new Engine(
      lambdas({
        no: () => {
          throw named('Broken', 'no');
        },
      }),
    );
    const { result, events } = await engine.run({
      All: {
        Type: 'Parallel',
        Branches: [branch('Only', task('no'))],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught', Output: '{% $states.errorOutput.Error %}' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    });
    expect(result).toBe('Broken');
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 ParallelStateEntered',
      '3 2 ParallelStateStarted',
      '4 3 TaskStateEntered',
      '5 4 TaskScheduled',
      '6 5 TaskStarted',
      '7 6 TaskFailed',
      '8 7 TaskStateAborted',
      '9 7 ParallelStateFailed',
      '10 9 ParallelStateExited',
      '11 10 SucceedStateEntered',
      '12 11 SucceedStateExited',
      '13 12 ExecutionSucceeded',
    ]);
  });

  test('a Fail state in a branch fails the whole', async () => {
    const { error, cause, events } = await new Engine().run({
      All: { Type: 'Parallel', Branches: [branch('No', { Type: 'Fail', Error: 'E', Cause: 'C' })], End: true },
    });
    expect({ error, cause }).toEqual({ error: 'E', cause: 'C' });
    expect(lines(events).slice(2)).toEqual([
      '3 2 ParallelStateStarted',
      '4 3 FailStateEntered',
      '5 4 ParallelStateFailed',
      '6 5 ExecutionFailed',
    ]);
  });

  test('a failure ends the other branches at once', async () => {
    let ended = 0;
    const engine = new Engine(
      lambdas({
        no: () => {
          throw named('Broken', 'no');
        },
        after: () => void ended++,
      }),
    );
    const { events } = await engine.run({
      All: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Nap', States: { Nap: { Type: 'Wait', Seconds: 1000, Next: 'After' }, After: task('after') } },
          branch('No', task('no')),
        ],
        End: true,
      },
    });
    expect(ended).toBe(0);
    const failed = events.find(({ type }) => type === 'TaskFailed')!.id!;
    expect(lines(events).slice(-4)).toEqual([
      `${failed + 1} ${failed} WaitStateAborted`,
      `${failed + 2} ${failed} TaskStateAborted`,
      `${failed + 3} ${failed} ParallelStateFailed`,
      `${failed + 4} ${failed + 3} ExecutionFailed`,
    ]);
  });

  test('a retry runs all branches again', async () => {
    const engine = new Engine();
    const running = engine.run({
      All: {
        Type: 'Parallel',
        Branches: [branch('No', { Type: 'Fail', Error: 'E' })],
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1, IntervalSeconds: 50 }],
        End: true,
      },
    });
    const ticking = setInterval(() => engine.clock.advance(10_000), 5);
    const { events } = await running.finally(() => clearInterval(ticking));
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 ParallelStateEntered',
      '3 2 ParallelStateStarted',
      '4 3 FailStateEntered',
      '5 4 ParallelStateStarted',
      '6 5 FailStateEntered',
      '7 6 ParallelStateFailed',
      '8 7 ExecutionFailed',
    ]);
  });
});

describe('Map', () => {
  test('one at a time: each iteration follows the last event of the one before', async () => {
    const { result, events } = await new Engine().run(
      {
        Each: {
          Type: 'Map',
          Items: '{% $states.input.items %}',
          ItemSelector: {
            item: '{% $states.context.Map.Item.Value %}',
            at: '{% $states.context.Map.Item.Index %}',
            all: '{% $states.input.tag %}',
          },
          MaxConcurrency: 1,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            ...branch(
              'Show',
              pass('{% $states.input.all & $states.input.item & $states.input.at & $states.context.Map.Item.Value %}'),
            ),
          },
          End: true,
        },
      },
      { items: ['a', 'b'], tag: '#' },
    );
    expect(result).toEqual(['#a0a', '#b1b']);
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 MapStateEntered',
      '3 2 MapStateStarted',
      '4 3 MapIterationStarted',
      '5 4 PassStateEntered',
      '6 5 PassStateExited',
      '7 6 MapIterationSucceeded',
      '8 6 MapIterationStarted',
      '9 8 PassStateEntered',
      '10 9 PassStateExited',
      '11 10 MapIterationSucceeded',
      '12 11 MapStateSucceeded',
      '13 11 MapStateExited',
      '14 13 ExecutionSucceeded',
    ]);
    expect(events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } });
    expect(events[7]).toMatchObject({ mapIterationStartedEventDetails: { name: 'Each', index: 1 } });
    expect(events[4]).toMatchObject({ stateEnteredEventDetails: { input: '{"item":"a","at":0,"all":"#"}' } });
  });

  test('all at once when nothing limits it, and nothing to do for no items', async () => {
    const map = { Type: 'Map', ItemProcessor: branch('Show', pass('{% $states.input + 1 %}')), End: true };
    expect(await new Engine().run({ Each: map }, [1, 2, 3])).toMatchObject({ result: [2, 3, 4] });
    const { result, events } = await new Engine().run({ Each: map }, []);
    expect(result).toEqual([]);
    expect(lines(events).slice(1)).toEqual([
      '2 0 MapStateEntered',
      '3 2 MapStateStarted',
      '4 3 MapStateSucceeded',
      '5 3 MapStateExited',
      '6 5 ExecutionSucceeded',
    ]);
  });

  test('the first failure ends the others; told in the order of AWS', async () => {
    const engine = new Engine(
      lambdas({
        work: (item) => {
          if (item === 'bad') throw named('Broken', 'no');
          return new Promise(() => undefined);
        },
      }),
    );
    const { status, error, events } = await engine.run(
      { Each: { Type: 'Map', ItemProcessor: branch('Work', task('work')), End: true } },
      ['bad', 'slow'],
    );
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Broken' });
    expect(lines(events).slice(2, 5)).toEqual([
      '3 2 MapStateStarted',
      '4 3 MapIterationStarted',
      '5 3 MapIterationStarted',
    ]);
    const failed = events.find(({ type }) => type === 'TaskFailed')!.id!;
    expect(lines(events).slice(failed)).toEqual([
      `${failed + 1} ${failed} MapIterationFailed`,
      `${failed + 2} ${failed} TaskStateAborted`,
      `${failed + 3} ${failed} MapIterationAborted`,
      `${failed + 4} ${failed} TaskStateAborted`,
      `${failed + 5} ${failed} MapStateFailed`,
      `${failed + 6} ${failed + 5} ExecutionFailed`,
    ]);
  });

  test('a failure in an inner Map fails the outer one', async () => {
    const inner = { Type: 'Map', ItemProcessor: branch('No', { Type: 'Fail', Error: 'E' }), End: true };
    const { events } = await new Engine().run(
      { Outer: { Type: 'Map', ItemProcessor: branch('Inner', inner), End: true } },
      [[1]],
    );
    expect(lines(events).slice(6)).toEqual([
      '7 6 MapIterationStarted',
      '8 7 FailStateEntered',
      '9 8 MapIterationFailed',
      '10 8 MapStateFailed',
      '11 10 MapIterationFailed',
      '12 10 MapStateAborted',
      '13 10 MapStateFailed',
      '14 13 ExecutionFailed',
    ]);
  });

  test('Items that are no list', async () => {
    const { error, cause, events } = await new Engine().run({
      Each: { Type: 'Map', Items: '{% $states.input %}', ItemProcessor: branch('Show', pass(1)), End: true },
    });
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toBe(
      "An error occurred while executing the state 'Each' (entered at the event id #2). The JSONata expression '$states.input' specified for the field 'Items' " +
        "returned an unexpected result type. Expected 'array', but was 'object' for value: {}",
    );
    expect(lines(events)).toEqual([
      '1 0 ExecutionStarted',
      '2 0 MapStateEntered',
      '3 0 EvaluationFailed',
      '4 3 MapStateFailed',
      '5 4 ExecutionFailed',
    ]);
  });

  // As recorded on AWS: without Items no field is wrong, so the event has no location.
  test.each([1, 'string', true, { foo: 'bar' }, null])('an input %j that is no list', async (input) => {
    const { error, cause, events } = await new Engine().run(
      { Each: { Type: 'Map', ItemProcessor: branch('Show', pass(1)), End: true } },
      input,
    );
    expect({ error, cause }).toEqual({
      error: 'States.QueryEvaluationError',
      cause: `An error occurred while executing the state 'Each' (entered at the event id #2). Map state input must be an array but was: ${JSON.stringify(input)}`,
    });
    expect(lines(events).slice(2)).toEqual(['3 0 EvaluationFailed', '4 3 MapStateFailed', '5 4 ExecutionFailed']);
    expect(events[2]!.evaluationFailedEventDetails).toEqual({ error, cause, state: 'Each' });
  });

  test('never more at once than MaxConcurrency, in whatever order they end, and all outputs in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 8 }),
        async (concurrency, delays) => {
          let running = 0;
          let most = 0;
          const engine = new Engine(
            lambdas({
              work: async (delay) => {
                most = Math.max(most, ++running);
                await new Promise((resolve) => setTimeout(resolve, delay));
                running--;
                return delay;
              },
            }),
          );
          const { result } = await engine.run(
            {
              Each: {
                Type: 'Map',
                MaxConcurrency: '{% $states.input.concurrency %}',
                Items: '{% $states.input.delays %}',
                ItemProcessor: branch('Work', task('work')),
                End: true,
              },
            },
            { concurrency, delays },
          );
          expect(result).toEqual(delays);
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(most).toBe(Math.min(concurrency, delays.length));
        },
      ),
      { numRuns: 25 },
    );
  });
});
