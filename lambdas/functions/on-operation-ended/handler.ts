import { executionEnded } from '../../contracts/operation-failure';
import { dynamoDb, ssm, stepFunctions } from '../../aws/clients';
import { deleteBootstrapSecret } from '../../aws/bootstrap-secret';
import { clusterOfInput } from '../../after-failure/cluster-of-input';
import { executionStatus, isRunning } from '../../aws/executions';
import { environment, stateMachines } from '../../runtime/environment';
import { releaseLock } from '../../aws/lock';
import { logger } from '../../runtime/logger';
import { parsePayload } from '../../runtime/parse-payload';
import { putBackOf } from '../../after-failure/put-back';
import { tellFailure } from '../../after-failure/tell-failure';
import { describeEnding } from './describe-ending';

/**
 * Sees every operation that ended otherwise than well: puts back what it took out of a load balancer, gives its lock back, and tells of
 * those that could not tell themselves. Lambda calls it again when something could not be put back.
 */
export async function handler(event: unknown): Promise<void> {
  const { executionArn, stateMachineArn, status, input } = parsePayload(executionEnded, event).detail;
  const operation = Object.entries(stateMachines()).find(([, arn]) => arn === stateMachineArn)?.[0] ?? 'An operation';
  // The event may come late, when a person has redriven the execution: then it is at work again and needs its lock.
  if (isRunning(await executionStatus(stepFunctions(), executionArn))) {
    logger.info('The execution runs again', { executionArn, status });
    return;
  }
  const cluster = clusterOfInput(fromJson(input));
  const table = environment('LOCK_TABLE');
  const notPutBack = cluster === undefined ? [] : await putBackOf(table, cluster, executionArn);
  const released = cluster !== undefined && (await releaseLock(dynamoDb(), table, cluster, executionArn));
  logger.info('Operation ended', { operation, cluster, executionArn, status, released });
  const ending = describeEnding(status, operation, cluster, executionArn);
  if (ending) {
    const cause = [ending.cause, ...notPutBack.map(({ said }) => said)].join(' ');
    await tellFailure({ ...ending, cause });
  }
  // Last, because the others matter more; where one fails, Lambda calls this function again, twice.
  if (cluster !== undefined) await deleteBootstrapSecret(ssm(), cluster, executionArn);
  if (notPutBack[0]) throw notPutBack[0].error;
}

function fromJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}
