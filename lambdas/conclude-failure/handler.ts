import { concludeFailureInput, type ConcludedFailure } from '../contracts/operation-failure';
import { dynamoDb } from '../shared/clients';
import { clusterOfInput } from '../shared/cluster-of-input';
import { environment } from '../shared/environment';
import { releaseLock } from '../shared/lock';
import { logger } from '../shared/logger';
import { parsePayload } from '../shared/parse-payload';
import { tellFailure } from '../shared/tell-failure';
import { unwrapFailure } from './unwrap-failure';
import { writeSentence } from './write-sentence';

/**
 * The end of an operation that failed: puts the failure into one sentence, gives the lock back if this execution holds it, and tells
 * people. None of it keeps the others from being done, or the sentence from reaching the execution.
 */
export async function handler(payload: unknown): Promise<ConcludedFailure> {
  const { operation, input, execution, error: raw } = parsePayload(concludeFailureInput, payload);
  const failure = unwrapFailure(raw.Error, raw.Cause);
  const cause = writeSentence(operation, failure);
  const cluster = clusterOfInput(input);
  logger.error('Operation failed', { operation, cluster, execution, error: failure.error, cause });

  const detail = { operation, ...(cluster === undefined ? {} : { cluster }), execution, error: failure.error, cause };
  const done = await Promise.allSettled([
    cluster === undefined ? false : releaseLock(dynamoDb(), environment('LOCK_TABLE'), cluster, execution),
    tellFailure(detail),
  ]);
  for (const outcome of done) {
    // on-operation-ended gives the lock back too, and an alarm watches failed executions.
    if (outcome.status === 'rejected')
      logger.error('A part of concluding the failure failed', { execution, reason: String(outcome.reason) });
  }
  return { error: failure.error, cause };
}
