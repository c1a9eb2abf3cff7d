import { takeOverLockInput, type TakenLock, type LockItem } from '../../contracts/cluster-lock';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { deleteSecrets, readSecretsRecord } from '../../aws/secrets';
import { executionStatus, isRunning } from '../../aws/executions';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { readRecord, readLock, takeLock } from '../../aws/lock-table';
import { putBack } from '../../after-failure/put-back';
import { UserError } from '../../runtime/user-error';
import { isExecutionOfOperation } from '../../domain/operations';
import { dateUtc } from '../../domain/text/time-left';

/** How often somebody else may be quicker before we give up. */
const ATTEMPTS = 3;

/**
 * Takes the cluster's lock when nobody holds it, or when its holder no longer runs; refuses with ClusterLocked otherwise. What a dead
 * holder took out of its load balancer is put back.
 */
export async function handler(payload: unknown): Promise<TakenLock> {
  const { cluster, operation, holder } = parsePayload(takeOverLockInput, payload);
  const table = environment('LOCK_TABLE');
  const lock = { cluster, holder, operation, since: new Date().toISOString() };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const current = await readLock(dynamoDb(), table, cluster);
    if (current?.holder === holder) return {};
    if (current && (await isHeldByOperation(current.holder, holder))) {
      throw new UserError('ClusterLocked', describeLocked(cluster, operation, current));
    }
    if (await takeLock(dynamoDb(), table, lock, current?.holder)) {
      logger.info('Lock taken over', { cluster, takenFrom: current?.holder });
      const record = await readRecord(dynamoDb(), table, cluster);
      // What cannot be put back stays written down: leave-load-balancer tries again and fails with the reason.
      if (record && record.holder !== holder) await putBack(table, record);
      await deleteSecretsOfAnother(cluster, holder);
      return current ? { takenFrom: current.holder } : {};
    }
  }
  const message = `${cluster} is locked: other operations were quicker ${ATTEMPTS} times in a row to take its lock, which one operation at a time may hold: start ${operation} again later.`;
  throw new UserError('ClusterLocked', message);
}

/** Those of a dead holder, which expire by themselves. Whoever makes the next ones tries again where this fails. */
async function deleteSecretsOfAnother(cluster: string, own: string): Promise<void> {
  try {
    const record = await readSecretsRecord(cluster);
    if (record && record.holder !== own) await deleteSecrets(cluster, record);
  } catch (error) {
    logger.error('Secrets could not be deleted', { cluster, reason: String(error) });
  }
}

/** What is no execution of an operation of this app holds no lock, whoever wrote it there: it could not be asked whether it runs. */
async function isHeldByOperation(current: string, own: string): Promise<boolean> {
  return isExecutionOfOperation(current, own) && isRunning(await executionStatus(stepFunctions(), current));
}

/** Who is at work on the cluster, since when, and what to do, in one sentence. */
export function describeLocked(cluster: string, wanted: string, holder: LockItem): string {
  const since =
    holder.since !== undefined && !Number.isNaN(Date.parse(holder.since)) ? ` since ${dateUtc(holder.since)}` : '';
  return `${cluster} is locked: ${holder.operation ?? 'another operation'} has been at work${since} (${holder.holder}), and only one operation may change a cluster at a time: start ${wanted} again when it has ended, or stop that execution first.`;
}
