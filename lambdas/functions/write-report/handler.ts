import { EVENT, reportWrittenDetail } from '../../contracts/events';
import { executionEnded } from '../../contracts/failures';
import { reportKey } from '../../contracts/operation-report';
import { putText } from '../../aws/bucket';
import { eventBridge, s3, stepFunctions } from '../../aws/clients';
import { describeOperation } from '../../aws/operation-executions';
import { putEvents } from '../../aws/publish';
import { executionOf } from '../../domain/operation-ids';
import { renderHtml } from '../../domain/report/render-html';
import { environment, logger, parsePayload, stateMachines } from '../../runtime/lambda';
import { composeReport } from './compose-report';

/** Of one operation: Step Functions takes 20 such requests a second, and the function has minutes. */
const MOST_EXECUTIONS = 1_000;

/**
 * Keeps what an operation did, once it has ended: as JSON for programs, and as a page. Then it says so on the app's bus. After a redrive
 * the report is written anew.
 */
export async function handler(event: unknown): Promise<void> {
  const { executionArn } = parsePayload(executionEnded, event).detail;
  const of = executionOf(executionArn, stateMachines());
  const execution = of && (await describeOperation(stepFunctions(), stateMachines(), of));
  // Somebody has redriven it meanwhile: its next end is told as well.
  if (execution?.endedAt === undefined) return;
  const report = await composeReport(execution, MOST_EXECUTIONS);
  // Without a cluster it has failed at once, and belongs nowhere.
  if (report.cluster === undefined) return;
  const at = { Bucket: environment('OPERATIONS_BUCKET'), Key: reportKey(report.cluster, report.id) };
  await putText(s3(), { ...at, Key: `${at.Key}.json` }, JSON.stringify(report), 'application/json');
  await putText(s3(), { ...at, Key: `${at.Key}.html` }, renderHtml(report, execution.endedAt), 'text/html');
  const written = { ...report, execution: executionArn, bucket: at.Bucket, key: at.Key };
  await putEvents(eventBridge(), environment('BUS_NAME'), EVENT.reportWritten, [reportWrittenDetail.parse(written)]);
  logger.info('Report written', { id: report.id, key: at.Key });
}
