import { planReconfigurationInput, type ReconfigurationPlan } from '../../contracts/reconfigure';
import { logger, parsePayload } from '../../runtime/lambda';
import { planReconfiguration } from './plan-reconfiguration';

/** Computes what the settings change in a running cluster, and on which nodes; changes nothing. */
export async function handler(payload: unknown): Promise<ReconfigurationPlan> {
  const input = parsePayload(planReconfigurationInput, payload);
  const plan = planReconfiguration(input, new Date(input.at ?? Date.now()));
  logger.info('Reconfiguration planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return plan;
}
