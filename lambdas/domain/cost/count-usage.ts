import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { CountedUsage } from './prices';

/** Of one execution: each state that was entered, each further attempt, and the start and each redrive of the execution itself. */
export function usageOf(events: HistoryEvent[]): CountedUsage {
  let [entered, scheduled, tasks, starts] = [0, 0, 0, 0];
  let [lambdaInvocations, milliseconds] = [0, 0];
  const scheduledAt = new Map<number, number>();
  for (const { type = '', id = 0, previousEventId = 0, timestamp, ...event } of events) {
    const at = timestamp?.getTime() ?? 0;
    if (type.endsWith('StateEntered')) entered += 1;
    if (type === 'TaskStateEntered') tasks += 1;
    if (type === 'ExecutionStarted' || type === 'ExecutionRedriven') starts += 1;
    if (type === 'TaskScheduled') {
      scheduled += 1;
      if (event.taskScheduledEventDetails?.resourceType !== 'lambda') continue;
      lambdaInvocations += 1;
      scheduledAt.set(id, at);
    } else if (scheduledAt.has(previousEventId)) {
      // A function that waits for somebody has answered by then: that wait is none of its time.
      const begun = scheduledAt.get(previousEventId)!;
      scheduledAt.delete(previousEventId);
      if (type === 'TaskStarted') scheduledAt.set(id, begun);
      else milliseconds += Math.max(0, at - begun);
    }
  }
  return {
    stateTransitions: entered + starts + Math.max(0, scheduled - tasks),
    lambdaInvocations,
    lambdaSeconds: Math.round(milliseconds / 100) / 10,
  };
}

/** ARNs of the executions that this one ran in its states, in order. */
export function nestedExecutions(events: HistoryEvent[]): string[] {
  return events.flatMap(({ taskSubmittedEventDetails: submitted }) => {
    if (submitted?.resourceType !== 'states') return [];
    const found = /"ExecutionArn"\s*:\s*"(arn:[^"]+)"/.exec(submitted.output ?? '');
    return found ? [found[1]!] : [];
  });
}

export const add = (one: CountedUsage, other: CountedUsage): CountedUsage => ({
  stateTransitions: one.stateTransitions + other.stateTransitions,
  lambdaInvocations: one.lambdaInvocations + other.lambdaInvocations,
  lambdaSeconds: Math.round((one.lambdaSeconds + other.lambdaSeconds) * 10) / 10,
});
