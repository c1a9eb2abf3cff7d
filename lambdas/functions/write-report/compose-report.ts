import type { HistoryEvent } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { OperationReport } from '../../contracts/operation-report';
import { stepFunctions } from '../../aws/clients';
import { readHistory, type DescribedExecution } from '../../aws/operation-executions';
import { fromJson } from '../../domain/operations';
import { buildReport } from '../../domain/report/build-report';
import { describeInFull, summarise } from '../api/operation-summary';
import { readProgress } from '../api/progress';
import { readAll } from './read-all';

/**
 * The report of an operation, from the histories of its execution and of those that did a part of the work.
 * @param mostExecutions of these; where there are more, its cost says that it is not complete
 */
export async function composeReport(execution: DescribedExecution, mostExecutions: number): Promise<OperationReport> {
  const events = await readHistory(stepFunctions(), execution.arn, true);
  const nested = await readAll(stepFunctions(), events, mostExecutions);
  const progress = { operation: summarise(execution), ...readProgress(events) };
  return buildReport(describeInFull(execution, []), progress, { ...nested, timeZone: timeZoneIn(events) });
}

const foundNodes = z.object({
  Payload: z.object({ config: z.object({ certificates: z.object({ timeZone: z.string() }) }) }),
});

/** As find-nodes has told the operation. */
function timeZoneIn(events: HistoryEvent[]): string | undefined {
  for (const { taskSucceededEventDetails: succeeded } of events) {
    const { data } = foundNodes.safeParse(succeeded && fromJson(succeeded.output));
    if (data) return data.Payload.config.certificates.timeZone;
  }
  return undefined;
}
