import { planUpgradeInput, type UpgradePlan } from '../../contracts/upgrade';
import { logger, parsePayload } from '../../runtime/lambda';
import { planUpgrade } from './plan-upgrade';

/** Computes the plan of an upgrade; changes nothing. */
export async function handler(payload: unknown): Promise<UpgradePlan> {
  const plan = planUpgrade(parsePayload(planUpgradeInput, payload), new Date());
  logger.info('Upgrade planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
