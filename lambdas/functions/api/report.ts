import { operationReport, reportKey, type OperationReport } from '../../contracts/operation-report';
import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { getText } from '../../aws/bucket';
import { s3 } from '../../aws/clients';
import type { DescribedExecution } from '../../aws/operation-executions';
import { clusterOfInput, fromJson } from '../../domain/operations';
import { environment } from '../../runtime/lambda';
import { composeReport } from '../write-report/compose-report';
import { findExecution } from './find-execution';

/** What a request has time to read. */
const MOST_EXECUTIONS = 100;
/** Lambda answers with at most 6 MB. */
const MOST_BYTES = 5_000_000;

/** The report that is kept; while the operation runs, and until it has been written, what the histories tell by now. */
export async function reportOperation({
  parameters: { id },
}: ApiRequest<'reportOperation'>): Promise<ApiAnswer<'reportOperation'>> {
  const execution = await findExecution(id);
  return (await keptReport(id, execution)) ?? (await composeReport(execution, MOST_EXECUTIONS));
}

async function keptReport(id: string, { input, endedAt }: DescribedExecution): Promise<OperationReport | undefined> {
  const cluster = clusterOfInput(input);
  if (cluster === undefined || endedAt === undefined) return undefined;
  const at = { Bucket: environment('OPERATIONS_BUCKET'), Key: `${reportKey(cluster, id)}.json` };
  const kept = operationReport.safeParse(fromJson(await getText(s3(), at, MOST_BYTES))).data;
  // That of before a redrive is not this one.
  return kept?.endedAt === endedAt.toISOString() ? kept : undefined;
}
