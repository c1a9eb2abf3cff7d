import { deregisterNodeInput, type DeregisteredNode } from '../../contracts/remove';
import { dynamoDb, loadBalancing } from '../../aws/clients';
import { findTargetsOfNode } from '../../aws/find-targets';
import { deleteRecord } from '../../aws/lock-table';
import { deregisterTarget } from '../../aws/target-groups';
import { environment, logger, parsePayload } from '../../runtime/lambda';

/**
 * Takes a node that is removed out of all target groups, on every port, for good: what is written down to put it back, if it left its load balancer for
 * this, is deleted first.
 */
export async function handler(payload: unknown): Promise<DeregisteredNode> {
  const { cluster, execution, node } = parsePayload(deregisterNodeInput, payload);
  await deleteRecord(dynamoDb(), environment('LOCK_TABLE'), cluster, execution);
  const targets = await findTargetsOfNode(node.instanceId);
  for (const target of targets) await deregisterTarget(loadBalancing(), target);
  const groups = [...new Set(targets.map(({ targetGroupName }) => targetGroupName))].sort();
  logger.info('Deregistered for good', { cluster, node: node.name, groups });
  return { groups };
}
