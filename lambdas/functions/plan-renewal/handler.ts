import { planRenewalInput, type RenewalPlan } from '../../contracts/renewal';
import { logger, parsePayload } from '../../runtime/lambda';
import { planRenewal } from './plan-renewal';

/** Computes the plan of a renewal; changes nothing. */
export async function handler(payload: unknown): Promise<RenewalPlan> {
  const plan = planRenewal(parsePayload(planRenewalInput, payload), new Date());
  logger.info('Renewal planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
