import { planRemovalInput, type RemovalPlan } from '../../contracts/remove';
import { logger, parsePayload } from '../../runtime/lambda';
import { planRemoval } from './plan-removal';

/** Computes how a node leaves its cluster for good, or why it has to stay; changes nothing. */
export async function handler(payload: unknown): Promise<RemovalPlan> {
  const plan = planRemoval(parsePayload(planRemovalInput, payload), new Date());
  logger.info('Removal planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
