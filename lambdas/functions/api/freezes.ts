import type { Freeze } from '../../contracts/api/clusters';
import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import { dynamoDb } from '../../aws/clients';
import { deleteFreeze, readFreeze, writeFreeze } from '../../aws/freezes';
import { readLock } from '../../aws/lock-table';
import { writeStopRequest } from '../../aws/stop-requests';
import { stopsBetweenNodes } from '../../contracts/operation';
import { findFreezes } from '../../domain/freezes';
import { environment, logger } from '../../runtime/lambda';
import { readCluster } from './read-cluster';

export async function freezeCluster({
  parameters: { cluster },
  body: { reason },
  who,
}: ApiRequest<'freezeCluster'>): Promise<ApiAnswer<'freezeCluster'>> {
  const table = environment('LOCK_TABLE');
  const standing = await freezesOf(cluster);
  const same = standing.some((freeze) => freeze.by === 'api' && freeze.reason === reason);
  if (!same) {
    await writeFreeze(dynamoDb(), table, { cluster, reason, who, since: new Date().toISOString() });
    await stopBetweenNodes(cluster);
    logger.info('Cluster frozen', { cluster, who });
  }
  return { cluster, changed: !same, freezes: same ? standing : await freezesOf(cluster) };
}

export async function unfreezeCluster({
  parameters: { cluster },
  who,
}: ApiRequest<'unfreezeCluster'>): Promise<ApiAnswer<'unfreezeCluster'>> {
  const changed = await deleteFreeze(dynamoDb(), environment('LOCK_TABLE'), cluster);
  logger.info('Cluster unfrozen', { cluster, who, changed });
  return { cluster, changed, freezes: await freezesOf(cluster) };
}

/** What runs and goes from node to node begins no other. */
async function stopBetweenNodes(cluster: string): Promise<void> {
  const table = environment('LOCK_TABLE');
  const lock = await readLock(dynamoDb(), table, cluster);
  if (lock?.operation !== undefined && stopsBetweenNodes(lock.operation)) {
    await writeStopRequest(dynamoDb(), table, { cluster, holder: lock.holder });
  }
}

async function freezesOf(cluster: string): Promise<Freeze[]> {
  const { config, instances } = await readCluster(cluster);
  return findFreezes(config.frozen, instances, await readFreeze(dynamoDb(), environment('LOCK_TABLE'), cluster));
}
