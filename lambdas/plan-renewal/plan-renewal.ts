import type * as z from 'zod';
import { controlPlaneFacts } from '../contracts/node-steps';
import type { planRenewalInput } from '../contracts/plan-renewal';
import type { Gate, RenewalPlan } from '../contracts/renewal-plan';
import { digest } from '../shared/canonical-json';
import { findMixedClusters } from '../shared/find-mixed-clusters';
import { parseResults, byName, type NoAnswer } from '../shared/parse-results';
import { count, listNames, shorten } from '../shared/shorten';
import { UserError } from '../shared/user-error';
import { assessPlanGates } from './assess-plan-gates';
import { orderControlPlanes } from './order-control-planes';
import { whyRenew } from './why-renew';

/**
 * Which control planes are renewed, why, in which order, and whether all gates let it happen.
 * @throws UserError MixedClusters, NoControlPlane
 */
export function planRenewal(input: z.output<typeof planRenewalInput>, now: Date): RenewalPlan {
  const { cluster, config, options } = input;
  const expected = input.nodes.filter(({ role }) => role === 'control-plane').sort(byName);
  if (expected.length === 0) {
    throw new UserError(
      'NoControlPlane',
      `Cluster ${cluster} has no node with the tag kubeadm-autopilot:role=control-plane, at least one is needed: tag its control planes.`,
    );
  }
  const { answers, noAnswers } = parseResults(controlPlaneFacts, input.facts);
  const heard = new Set(input.facts.map(({ instanceId }) => instanceId));
  const unheard = expected
    .filter(({ instanceId }) => !heard.has(instanceId))
    .map(({ instanceId, name, unreachable }): NoAnswer => {
      return {
        instanceId,
        name,
        error: 'NodeUnreachable',
        message: `${name} could not be asked: ${unreachable ?? 'it was not found in time'}.`,
      };
    });
  const mixed = findMixedClusters(
    cluster,
    answers.map(({ name, value }) => ({ name, caFingerprint: value.inventory?.caFingerprint })),
  );
  if (mixed) throw new UserError('MixedClusters', mixed);

  const wanted = orderControlPlanes(answers).flatMap((node) => {
    const why = whyRenew(node, options.force, now);
    return why === undefined ? [] : [{ node, why }];
  });
  const gates = assessPlanGates(
    config,
    expected,
    answers,
    [...noAnswers, ...unheard],
    wanted.map(({ node }) => node),
    now,
  );
  const refusals = gates.filter(({ passed }) => !passed);
  const steps = wanted.map(({ node: { instanceId, name }, why }) => ({ instanceId, name, why }));
  const decision = refusals.length > 0 ? 'refuse' : steps.length === 0 ? 'nothing' : 'act';
  const plan = { cluster, decision, steps: decision === 'act' ? steps : [], gates } as const;
  return { ...plan, summary: summarise(plan, refusals), digest: digestOf(plan) };
}

function summarise({ decision, cluster, steps }: Omit<RenewalPlan, 'summary' | 'digest'>, refusals: Gate[]): string {
  if (decision === 'refuse')
    return shorten(`${cluster} is not renewed: ${refusals.map(({ reason }) => reason).join(' ')}`, 900);
  if (decision === 'nothing') {
    return `Every control plane of ${cluster} was renewed within the last hour and serves its new certificates: there is nothing to do ("force": true renews again).`;
  }
  return `${count(steps.length, 'control plane')} of ${cluster} will be renewed one at a time, in this order: ${listNames(steps.map(({ name }) => name))}.`;
}

/** Over what will be done, not over the words it is told in: dates and durations in them change from hour to hour. */
function digestOf({ cluster, decision, steps, gates }: Omit<RenewalPlan, 'summary' | 'digest'>): string {
  return digest({
    cluster,
    decision,
    steps: steps.map(({ instanceId, name }) => ({ instanceId, name })),
    gates: gates.map(({ gate, passed }) => ({ gate, passed })),
  });
}
