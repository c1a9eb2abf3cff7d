import type { HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import type { ProgressStep } from '../../contracts/api/operations';
import { MOST_EVENTS, readHistory } from '../../aws/operation-executions';
import { add, nestedExecutions, usageOf } from '../../domain/cost/count-usage';
import type { CountedUsage } from '../../domain/cost/prices';
import { logger } from '../../runtime/lambda';
import { readProgress } from '../api/progress';

const AT_ONCE = 5;

export interface Nested {
  /** Those of the executions that did a part of the work themselves, with their command ids. */
  steps: ProgressStep[];
  used: CountedUsage;
  /** Everything was read: otherwise it has used more. */
  complete: boolean;
}

/** What an operation has used, and the steps of the executions that it ran: workers are upgraded in executions of their own. */
export async function readAll(client: SFNClient, events: HistoryEvent[], mostExecutions: number): Promise<Nested> {
  const all: Nested = { steps: [], used: usageOf(events), complete: events.length < MOST_EVENTS };
  let next = nestedExecutions(events);
  let read = 0;
  while (next.length > 0 && read < mostExecutions) {
    const some = next.slice(0, AT_ONCE);
    next = next.slice(AT_ONCE);
    read += some.length;
    for (const [index, history] of (await Promise.all(some.map((arn) => histories(client, arn)))).entries()) {
      if (!history || history.length >= MOST_EVENTS) all.complete = false;
      if (!history) continue;
      all.used = add(all.used, usageOf(history));
      next.push(...nestedExecutions(history));
      // Of one that runs a script the operation's own step tells already.
      if (!isRunOnNodes(some[index]!)) all.steps.push(...readProgress(history).steps);
    }
  }
  return { ...all, complete: all.complete && next.length === 0 };
}

const isRunOnNodes = (arn: string): boolean => arn.includes(':kubeadm-autopilot-run-on-nodes:');

/** A part that cannot be read leaves the rest of the report as it is. */
async function histories(client: SFNClient, arn: string): Promise<HistoryEvent[] | undefined> {
  try {
    // What scripts answered is in their caller's history.
    return await readHistory(client, arn, !isRunOnNodes(arn));
  } catch (error) {
    logger.warn('A nested execution is left out of the report', { arn, reason: (error as Error).message });
    return undefined;
  }
}
