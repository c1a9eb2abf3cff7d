import { executionEnded } from '../../contracts/failures';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { deleteSecretsOf } from '../../aws/secrets';
import { drains } from '../../contracts/operation';
import { isPartOfReplacement } from '../../contracts/replacement';
import { uncordonNodes } from './uncordon-nodes';
import { clusterOfInput } from '../../domain/operations';
import { executionStatus, isRunning } from '../../aws/executions';
import { environment, stateMachines, logger, parsePayload } from '../../runtime/lambda';
import { releaseLock } from '../../aws/lock-table';
import { putBackOf } from '../../after-failure/put-back';
import { tellFailure } from '../../after-failure/tell-failure';
import type { OperationFailedDetail } from '../../contracts/events';

/**
 * Sees every operation that ended otherwise than well: puts back what it took out of a load balancer, has uncordoned what it drained,
 * gives its lock back, and tells of those that could not tell themselves. Lambda calls it again when something could not be put back.
 */
export async function handler(event: unknown): Promise<void> {
  const { executionArn, stateMachineArn, status, input, ...ended } = parsePayload(executionEnded, event).detail;
  const operation = Object.entries(stateMachines()).find(([, arn]) => arn === stateMachineArn)?.[0] ?? 'An operation';
  // The event may come late, when a person has redriven the execution: then it is at work again and needs its lock.
  if (isRunning(await executionStatus(stepFunctions(), executionArn))) {
    logger.info('The execution runs again', { executionArn, status });
    return;
  }
  const cluster = clusterOfInput(fromJson(input));
  const table = environment('LOCK_TABLE');
  const notPutBack = cluster === undefined ? [] : await putBackOf(table, cluster, executionArn);
  const uncordons =
    cluster !== undefined && drains(operation)
      ? await uncordonNodes({ operation, cluster, executionArn, input: fromJson(input), ...ended })
      : false;
  const released = cluster !== undefined && !uncordons && (await releaseLock(dynamoDb(), table, cluster, executionArn));
  logger.info('Operation ended', { operation, cluster, executionArn, status, released, uncordons });
  const ending = describeEnding(status, operation, cluster, executionArn);
  if (ending && !isPartOfReplacement(fromJson(input))) {
    const cause = [ending.cause, ...notPutBack.map(({ said }) => said)].join(' ');
    await tellFailure({ ...ending, cause });
  }
  // Last, because the others matter more; where one fails, Lambda calls this function again, twice.
  if (cluster !== undefined) await deleteSecretsOf(cluster, executionArn);
  if (notPutBack[0]) throw notPutBack[0].error;
}

function fromJson(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}

/**
 * What to tell of an execution that ended without its own catch: stopped by somebody, or out of time. Undefined for the other
 * endings: a failure was told by `conclude-failure`, and success is none.
 */
export function describeEnding(
  status: string,
  operation: string,
  cluster: string | undefined,
  execution: string,
): OperationFailedDetail | undefined {
  const what = `${operation}${cluster === undefined ? '' : ` of ${cluster}`}`;
  const then =
    'a script may still be running on a node and ends by itself; start the operation again after that, it goes on where it stopped';
  const ending = {
    ABORTED: { error: 'Aborted', cause: `${what} was stopped by somebody before its end: ${then}.` },
    TIMED_OUT: { error: 'States.Timeout', cause: `${what} took longer than its time limit: ${then}.` },
  }[status];
  return ending && { operation, ...(cluster === undefined ? {} : { cluster }), execution, ...ending };
}
