import { planUpgradeInput, type UpgradePlan } from '../../contracts/upgrade';
import { logger, parsePayload } from '../../runtime/lambda';
import { planUpgrade } from './plan-upgrade';
import { renderPlan } from './render-plan';

/** Characters: facts and hops of a thousand nodes are in the same state of 256 KiB. */
const LONGEST_TEXT = 16_000;

/** Computes the plan of an upgrade; changes nothing. */
export async function handler(payload: unknown): Promise<UpgradePlan> {
  const plan = planUpgrade(parsePayload(planUpgradeInput, payload), new Date());
  logger.info('Upgrade planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return { ...plan, text: renderPlan(plan).slice(0, LONGEST_TEXT) };
}
