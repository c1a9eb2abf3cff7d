import { planCreateInput, type CreatePlan } from '../../contracts/create';
import { logger, parsePayload } from '../../runtime/lambda';
import { planCreate } from './plan-create';

/** Computes which machines become nodes, in which order; changes nothing. */
export async function handler(payload: unknown): Promise<CreatePlan> {
  const plan = planCreate(parsePayload(planCreateInput, payload));
  logger.info('Creation planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
