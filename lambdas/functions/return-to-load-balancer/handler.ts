import { returnToLoadBalancerInput, type LoadBalancerTurn } from '../../contracts/load-balancer';
import { dynamoDb, loadBalancing } from '../../aws/clients';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { deleteRecord } from '../../aws/lock-table';
import { describeTargets, registerTarget } from '../../aws/target-groups';
import { decideReturning } from '../../domain/load-balancer-turns';

/** Puts a control plane back into the target groups that it left for its turn, and tells when it is healthy there: asked again and again. */
export async function handler(payload: unknown): Promise<LoadBalancerTurn> {
  const { cluster, execution, node, at, turn: before } = parsePayload(returnToLoadBalancerInput, payload);
  const observed = await Promise.all(
    before.left.map(async (target) => {
      const targets = await describeTargets(loadBalancing(), target.targetGroupArn);
      return { target, ...(targets && { targets }) };
    }),
  );
  const { register, turn } = decideReturning(node.name, before, observed, at);
  for (const target of register) await registerTarget(loadBalancing(), target);
  if (turn.next === 'go') await deleteRecord(dynamoDb(), environment('LOCK_TABLE'), cluster, execution);
  logger.info('Asked to return to the load balancer', { cluster, node: node.name, next: turn.next, said: turn.said });
  return turn;
}
