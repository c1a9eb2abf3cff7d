import { concludeFailureInput, type ConcludedFailure } from '../../contracts/failures';
import { dynamoDb } from '../../aws/clients';
import { deleteSecretsOf } from '../../aws/secrets';
import { drains } from '../../contracts/operation';
import { isPartOfReplacement } from '../../contracts/replacement';
import { clusterOfInput } from '../../domain/operations';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { releaseLock } from '../../aws/lock-table';
import { putBackOf } from '../../after-failure/put-back';
import { shorten } from '../../domain/text/plain-text';
import { tellFailure } from '../../after-failure/tell-failure';
import { unwrapFailure } from './unwrap-failure';
import { MOST_CHARACTERS, writeSentence } from './write-sentence';

/**
 * The end of an operation that failed: puts the failure into one sentence, puts back what it took out of a load balancer, gives the lock
 * back if this execution holds it, and tells people. None of it keeps the others from being done, or the sentence from reaching the
 * execution. Of a part of a replacement, replace-node tells it.
 */
export async function handler(payload: unknown): Promise<ConcludedFailure> {
  const { operation, input, execution, error: raw } = parsePayload(concludeFailureInput, payload);
  const failure = unwrapFailure(raw.Error, raw.Cause);
  const cluster = clusterOfInput(input);
  // on-operation-ended tries again.
  const notPutBack = cluster === undefined ? [] : await putBackOf(environment('LOCK_TABLE'), cluster, execution);
  const sentence = writeSentence(operation, failure);
  const alsoSay = shorten(notPutBack.map(({ said }) => said).join(' '), MOST_CHARACTERS / 2);
  const cause = alsoSay ? `${shorten(sentence, MOST_CHARACTERS - alsoSay.length - 1)} ${alsoSay}` : sentence;
  logger.error('Operation failed', { operation, cluster, execution, error: failure.error, cause });

  const detail = { operation, ...(cluster === undefined ? {} : { cluster }), execution, error: failure.error, cause };
  const done = await Promise.allSettled([
    // What it has drained is uncordoned with its lock: on-operation-ended sees to both.
    cluster === undefined || drains(operation)
      ? false
      : releaseLock(dynamoDb(), environment('LOCK_TABLE'), cluster, execution),
    cluster === undefined ? false : deleteSecretsOf(cluster, execution),
    isPartOfReplacement(input) ? undefined : tellFailure(detail),
  ]);
  for (const outcome of done) {
    // on-operation-ended gives the lock back too, and an alarm watches failed executions.
    if (outcome.status === 'rejected')
      logger.error('A part of concluding the failure failed', { execution, reason: String(outcome.reason) });
  }
  return { error: failure.error, cause };
}
