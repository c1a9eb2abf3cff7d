import type { LoadBalancerRecord } from '../contracts/load-balancer';
import { dynamoDb, loadBalancing } from '../aws/clients';
import { deleteRecord, readRecord } from '../aws/lock-table';
import { logger } from '../runtime/lambda';
import { shorten } from '../domain/text/plain-text';
import { registerTarget } from '../aws/target-groups';

/** A target that could not be put back, and what to tell of it. */
export interface NotPutBack {
  said: string;
  error: Error;
}

/**
 * Puts everything back into its target groups that a record names, and deletes the record when all is back. An API server that is
 * down is put back too: the health checks keep it out until it answers. A group that no longer exists needs nothing.
 * @returns what could not be put back; the record stays then
 */
export async function putBack(table: string, record: LoadBalancerRecord): Promise<NotPutBack[]> {
  const { cluster, holder, node, targets } = record;
  const done = await Promise.allSettled(targets.map((target) => registerTarget(loadBalancing(), target)));
  const failures = done.flatMap((outcome, index): NotPutBack[] => {
    if (outcome.status === 'fulfilled') return [];
    const error = outcome.reason as Error;
    const group = targets[index]!.targetGroupName;
    const why = `${error.name}: ${shorten(error.message, 200).replace(/\.$/, '')}`;
    return [
      { error, said: `${node.name} is still out of the target group ${group} (${why}): register it there again.` },
    ];
  });
  const groups = targets.map(({ targetGroupName }) => targetGroupName);
  logger.info('Put back into the load balancer', {
    cluster,
    holder,
    node: node.name,
    groups,
    failures: failures.map(({ said }) => said),
  });
  if (failures.length === 0) await deleteRecord(dynamoDb(), table, cluster, holder);
  return failures;
}

/** Puts back what this execution has taken out; what another one has taken out is its own business. Never rejects. */
export async function putBackOf(table: string, cluster: string, execution: string): Promise<NotPutBack[]> {
  try {
    const record = await readRecord(dynamoDb(), table, cluster);
    return record?.holder === execution ? await putBack(table, record) : [];
  } catch (thrown) {
    const error = thrown as Error;
    logger.error('Could not look for what is out of the load balancer', { cluster, execution, reason: String(error) });
    const said = `It could not be told whether a node is still out of its load balancer (${error.name}): look at the target groups of ${cluster}.`;
    return [{ said, error }];
  }
}
