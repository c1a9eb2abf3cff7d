import { planBackUpInput, type BackUpPlan } from '../../contracts/back-up';
import { logger, parsePayload } from '../../runtime/lambda';
import { planBackUp } from './plan-back-up';

/** Computes which nodes save what; changes nothing. */
export async function handler(payload: unknown): Promise<BackUpPlan> {
  const plan = planBackUp(parsePayload(planBackUpInput, payload));
  logger.info('Backup planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
