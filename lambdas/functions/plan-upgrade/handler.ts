import type * as z from 'zod';
import { longestDeregistration } from '../../aws/deregistration-delay';
import { readNodeResults } from '../../aws/node-results';
import { planUpgradePayload, type planUpgradeInput, type UpgradePlan } from '../../contracts/upgrade';
import { logger, parsePayload } from '../../runtime/lambda';
import { planUpgrade } from './plan-upgrade';
import { renderPlan } from './render-plan';

/** Characters: facts and hops of a thousand nodes are in the same state of 256 KiB. */
const LONGEST_TEXT = 16_000;

/** Computes the plan of an upgrade; changes nothing. */
export async function handler(payload: unknown): Promise<UpgradePlan> {
  const asked = parsePayload(planUpgradePayload, payload);
  const input = { ...asked, facts: await readNodeResults(asked.facts) };
  const plan = planUpgrade(input, new Date(), await askDeregistration(input));
  logger.info('Upgrade planned', { cluster: plan.cluster, decision: plan.decision, digest: plan.digest });
  return { ...plan, text: renderPlan(plan).slice(0, LONGEST_TEXT) };
}

/** It only makes the prediction better, so that it cannot be had costs nothing but that. */
async function askDeregistration({
  config,
  nodes,
}: z.output<typeof planUpgradeInput>): Promise<number | null | undefined> {
  const { leave, apiServerPort } = config.loadBalancer;
  if (!leave) return undefined;
  const controlPlanes = nodes.filter(({ role }) => role === 'control-plane');
  try {
    return await longestDeregistration(controlPlanes, apiServerPort);
  } catch (error) {
    logger.warn('The deregistration delay is unknown', { error: error as Error });
    return undefined;
  }
}
