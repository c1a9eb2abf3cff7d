import { executionEnded } from '../../contracts/failures';
import { reportKey } from '../../contracts/operation-report';
import { putText } from '../../aws/bucket';
import { s3, stepFunctions } from '../../aws/clients';
import { describeOperation, readHistory } from '../../aws/operation-executions';
import { executionOf } from '../../domain/operation-ids';
import { buildReport } from '../../domain/report/build-report';
import { renderHtml } from '../../domain/report/render-html';
import { environment, logger, parsePayload, stateMachines } from '../../runtime/lambda';
import { describeInFull, summarise } from '../api/operation-summary';
import { readProgress } from '../api/progress';
import { readAll } from './read-all';

/** Keeps what an operation did, once it has ended: as JSON for programs, and as a page. After a redrive it is written anew. */
export async function handler(event: unknown): Promise<void> {
  const { executionArn } = parsePayload(executionEnded, event).detail;
  const of = executionOf(executionArn, stateMachines());
  const execution = of && (await describeOperation(stepFunctions(), stateMachines(), of));
  // Somebody has redriven it meanwhile: its next end is told as well.
  if (execution?.endedAt === undefined) return;
  const details = describeInFull(execution, []);
  const { id, cluster } = details;
  // Without a cluster it has failed at once, and belongs nowhere.
  if (cluster === undefined) return;
  const events = await readHistory(stepFunctions(), execution.arn, true);
  const nested = await readAll(stepFunctions(), events);
  const report = buildReport(details, { operation: summarise(execution), ...readProgress(events) }, nested);
  const at = { Bucket: environment('OPERATIONS_BUCKET'), Key: reportKey(cluster, id) };
  await putText(s3(), { ...at, Key: `${at.Key}.json` }, JSON.stringify(report), 'application/json');
  await putText(s3(), { ...at, Key: `${at.Key}.html` }, renderHtml(report, execution.endedAt), 'text/html');
  logger.info('Report written', { id, key: at.Key });
}
