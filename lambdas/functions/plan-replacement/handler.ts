import { planReplacementInput, type ReplacementPlan } from '../../contracts/replace';
import { logger, parsePayload } from '../../runtime/lambda';
import { planReplacement } from './plan-replacement';

/** Puts the plans of a removal and of a join together; changes nothing. */
export async function handler(payload: unknown): Promise<ReplacementPlan> {
  const plan = planReplacement(parsePayload(planReplacementInput, payload));
  logger.info('Replacement planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
