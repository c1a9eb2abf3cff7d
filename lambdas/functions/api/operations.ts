import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { OPERATIONS, stopsBetweenNodes } from '../../contracts/operation';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { readHistory, stopExecution } from '../../aws/operation-executions';
import { writeStopRequest } from '../../aws/stop-requests';
import { nameOf } from '../../domain/freezes';
import { listNames } from '../../domain/text/plain-text';
import { environment, logger } from '../../runtime/lambda';
import { ApiFailure } from './api-failure';
import { withApproval } from './approvals';
import { findExecution } from './find-execution';
import { findOperations } from './find-operations';
import { describeInFull, summarise } from './operation-summary';
import { currentStates, readProgress } from './progress';
import { readCluster } from './read-cluster';

export async function listOperations({ query }: ApiRequest<'listOperations'>): Promise<ApiAnswer<'listOperations'>> {
  const { found, complete } = await findOperations(query);
  // Of a cluster that nobody knows there is no history, and not an empty one.
  if (found.length === 0 && query.cluster !== undefined) await readCluster(query.cluster);
  return { operations: found.map(summarise), complete };
}

export async function describeOperation({
  parameters,
}: ApiRequest<'describeOperation'>): Promise<ApiAnswer<'describeOperation'>> {
  const execution = await findExecution(parameters.id);
  const runs = execution.status === 'RUNNING';
  const current = runs ? currentStates(await readHistory(stepFunctions(), execution.arn, false)) : [];
  return withApproval(execution, describeInFull(execution, current));
}

export async function followOperation({
  parameters,
}: ApiRequest<'followOperation'>): Promise<ApiAnswer<'followOperation'>> {
  const execution = await findExecution(parameters.id);
  return {
    operation: await withApproval(execution, summarise(execution)),
    ...readProgress(await readHistory(stepFunctions(), execution.arn, true)),
  };
}

export async function stopOperation({
  parameters,
  body,
  who,
}: ApiRequest<'stopOperation'>): Promise<ApiAnswer<'stopOperation'>> {
  const execution = await findExecution(parameters.id);
  if (execution.status !== 'RUNNING') {
    throw new ApiFailure(
      409,
      'NotRunning',
      `The operation ${parameters.id} has ended already (${execution.status}).`,
      'Nothing has to be stopped.',
    );
  }
  if (body.afterNode) {
    await stopAfterNode(parameters.id, execution.arn);
    logger.info('Operation stops after its node', { id: parameters.id, who, reason: body.reason });
    return summarise(await findExecution(parameters.id));
  }
  await stopExecution(stepFunctions(), execution.arn, `Stopped by ${nameOf(who)}: ${body.reason}`);
  logger.info('Operation stopped', { id: parameters.id, who });
  return summarise(await findExecution(parameters.id));
}

/** @throws ApiFailure NotPossible: it goes from node to node in no way that could end between two */
async function stopAfterNode(id: string, arn: string): Promise<void> {
  const { operation, cluster } = summarise(await findExecution(id));
  if (cluster === undefined || !stopsBetweenNodes(operation)) {
    throw new ApiFailure(
      409,
      'NotPossible',
      `${operation} does not stop between two nodes; ${listNames(OPERATIONS.filter(stopsBetweenNodes))} do.`,
      'Stop it at once, or let it end.',
    );
  }
  await writeStopRequest(dynamoDb(), environment('LOCK_TABLE'), { cluster, holder: arn });
}
