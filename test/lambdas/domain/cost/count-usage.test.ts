import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { add, nestedExecutions, usageOf } from '../../../../lambdas/domain/cost/count-usage';
import { dollarsOf } from '../../../../lambdas/domain/cost/prices';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 29, 3, 0, seconds));
const LAMBDA = { resourceType: 'lambda', resource: 'invoke', region: 'r', parameters: '{}' };
/** Type, time, what it follows (the event before by default), more. */
const events = (...all: [type: string, seconds: number, more?: object][]): HistoryEvent[] =>
  all.map(([type, seconds, more], index) => ({
    ...{ type, id: index + 1, previousEventId: index, timestamp: at(seconds) },
    ...more,
  })) as HistoryEvent[];
const scheduled = { taskScheduledEventDetails: LAMBDA };

test.each<[string, HistoryEvent[], [transitions: number, calls: number, seconds: number]]>([
  ['nothing', [], [0, 0, 0]],
  [
    'a start and two states',
    events(['ExecutionStarted', 0], ['PassStateEntered', 0], ['WaitStateEntered', 1]),
    [3, 0, 0],
  ],
  [
    'a function',
    events(['TaskStateEntered', 0], ['TaskScheduled', 0, scheduled], ['TaskStarted', 1], ['TaskSucceeded', 4]),
    [1, 1, 4],
  ],
  [
    'a second attempt is a transition, and a call',
    events(
      ['TaskStateEntered', 0],
      ['TaskScheduled', 0, scheduled],
      ['TaskFailed', 2],
      ['TaskScheduled', 5, scheduled],
      ['TaskSucceeded', 6],
    ),
    [2, 2, 3],
  ],
  [
    'a wait for somebody is no time of the function',
    events(
      ['TaskStateEntered', 0],
      ['TaskScheduled', 0, scheduled],
      ['TaskStarted', 0],
      ['TaskSubmitted', 1],
      ['TaskSucceeded', 50],
    ),
    [1, 1, 1],
  ],
  [
    'another service',
    events(['TaskScheduled', 0, { taskScheduledEventDetails: { ...LAMBDA, resourceType: 'sns' } }]),
    [1, 0, 0],
  ],
])('usage of %s', (_, history, [stateTransitions, lambdaInvocations, lambdaSeconds]) => {
  expect(usageOf(history)).toEqual({ stateTransitions, lambdaInvocations, lambdaSeconds });
});

test('nested executions are those that states ran', () => {
  const submitted = (resourceType: string, output: string) =>
    ['TaskSubmitted', 0, { taskSubmittedEventDetails: { resourceType, resource: 'r', output } }] as [
      string,
      number,
      object,
    ];
  expect(
    nestedExecutions(
      events(
        submitted('states', '{"ExecutionArn":"arn:aws:states:r:1:execution:m:one","StartDate":1}'),
        submitted('lambda', '{"ExecutionArn":"arn:aws:states:r:1:execution:m:two"}'),
        submitted('states', '{}'),
      ),
    ),
  ).toEqual(['arn:aws:states:r:1:execution:m:one']);
});

test('dollars: a thousand transitions, a million calls and their seconds', () => {
  const one = { stateTransitions: 1000, lambdaInvocations: 0, lambdaSeconds: 0.1 };
  const other = { stateTransitions: 0, lambdaInvocations: 1_000_000, lambdaSeconds: 0.2 };
  expect(add(one, other)).toEqual({ stateTransitions: 1000, lambdaInvocations: 1_000_000, lambdaSeconds: 0.3 });
  expect(dollarsOf(add(one, other))).toBe(0.225);
});
