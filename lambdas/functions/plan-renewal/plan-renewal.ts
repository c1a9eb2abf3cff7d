import type * as z from 'zod';
import { controlPlaneFacts, type ControlPlaneFacts } from '../../contracts/node-steps';
import type { planRenewalInput, RenewalPlan } from '../../contracts/renewal';
import { decide, type Wanted } from '../../domain/plan';
import { findCasualties, type Casualties } from '../../domain/certificates/casualties';
import { thresholdOf } from '../../domain/certificates/threshold';
import { findMixedClusters } from '../../domain/certificates/mixed-clusters';
import { byName, parseResults, type Answer, type NoAnswer } from '../../domain/nodes/answers';
import { listNames } from '../../domain/text/plain-text';
import { UserError } from '../../runtime/user-error';
import { planEtcdMachines } from './etcd-machines';
import { etcdAwaitsRepair, planRepair } from './plan-repair';
import { inWindow } from './in-window';
import { planRolling } from './plan-rolling';
import { runsOutWithin } from './control-planes';

/** Of the threshold under which certificates are renewed: what is left when they should have been renewed for weeks. */
const LAST_SHARE = 1 / 4;

/**
 * Which control planes are renewed, why, in which order or all at once, and whether all gates let it happen.
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
  const notAsked = input.nodes
    .filter(
      ({ instanceId }) => !heard.has(instanceId) && !input.etcdFacts.some((fact) => fact.instanceId === instanceId),
    )
    .sort(byName)
    .map(({ name }) => name);
  const mixed = findMixedClusters(
    cluster,
    answers.map(({ name, value }) => ({ name, caPublicKeys: value.inventory?.caPublicKeys })),
  );
  if (mixed) throw new UserError('MixedClusters', mixed.sentence);

  const silent = [...noAnswers, ...unheard];
  const found = findCasualties(
    answers.map(({ name, value }) => ({ name, inventory: value.inventory })),
    expected.length,
    now,
  );
  const casualties = { ...found, isDead: found.isDead || etcdAwaitsRepair(answers, expected.length) };
  const wasCutOff = answers.some(({ value }) => value.renewal.rejoining);
  if (casualties.isDead || casualties.lockedOutKubelets.length > 0 || wasCutOff || options.kubelets) {
    const repair = planRepair({
      config,
      kubeletsOnly: options.kubelets,
      expected,
      answers,
      noAnswers: silent,
      casualties,
      workers: input.workerCount,
      workersLeftOut: input.workersLeftOut,
      now,
    });
    const inTime = options.kubelets ? undefined : renewInTime(input, expected, answers, silent, casualties, now);
    // Without its etcd no API server comes back.
    const etcd = planEtcdMachines(input.etcdFacts, answers, repair.steps.length > 0, config, options.force, now);
    return complete(inTime ?? { cluster, kind: 'repair', ...repair, etcd }, notAsked, options);
  }
  const rolling = { cluster, kind: 'renewal' as const, ...planRolling(input, expected, answers, silent, [], now) };
  const { planned, postponed } = inWindow(rolling, input, answers, input.at === undefined ? now : new Date(input.at));
  return complete(planned, notAsked, options, postponed);
}

/**
 * The renewal without the control planes whose kubelet cannot log in, when the others' certificates run out so soon that those kubelets
 * must have resisted a repair for weeks: one of them must not take the cluster with it. Undefined when there is time, or a gate says no.
 */
function renewInTime(
  input: z.output<typeof planRenewalInput>,
  expected: { name: string }[],
  answers: Answer<ControlPlaneFacts>[],
  silent: NoAnswer[],
  { isDead, lockedOutKubelets }: Casualties,
  now: Date,
): Omit<Wanted<RenewalPlan>, 'operation'> | undefined {
  const { cluster, config } = input;
  const others = answers.filter(({ name }) => !lockedOutKubelets.includes(name));
  const { thresholdDays } = config.certificates;
  const isLast = (node: Answer<ControlPlaneFacts>) =>
    runsOutWithin(node, (certificate) => thresholdOf(certificate, thresholdDays).seconds * LAST_SHARE, now);
  if (isDead || !others.some(isLast)) return undefined;
  const rolling = planRolling(input, expected, answers, silent, lockedOutKubelets, now);
  if (rolling.steps.length === 0 || rolling.gates.some(({ passed }) => !passed)) return undefined;
  const whom =
    lockedOutKubelets.length > 0
      ? `the kubelets of ${listNames(lockedOutKubelets)} cannot log in`
      : 'a repair was cut off';
  const later = `Start renew-certificates again afterwards, because ${whom}.`;
  return { cluster, kind: 'renewal', ...rolling, summary: `${rolling.summary} ${later}` };
}

/** What the gates make of it. */
function complete(
  wanted: Omit<Wanted<RenewalPlan>, 'operation' | 'notAsked'>,
  notAsked: string[],
  { force, kubelets }: z.output<typeof planRenewalInput>['options'],
  postponed = false,
): RenewalPlan {
  const { cluster, kind, steps, etcd, spokesman } = wanted;
  const plan = decide<RenewalPlan>(
    { operation: 'renew-certificates', ...wanted, ...(notAsked.length > 0 && { notAsked }) },
    {
      whatIsNotDone: `${cluster} is not ${kind === 'repair' ? 'repaired' : 'renewed'}`,
      nothingToDo: postponed || (kind === 'renewal' && steps.length + etcd.length === 0),
      details: {
        ...{ force, kubelets, spokesman: spokesman?.instanceId },
        // What there was before keeps its digest.
        ...(etcd.length > 0 && { etcd: etcd.map(({ instanceId }) => instanceId) }),
      },
    },
  );
  return plan.decision === 'act' ? plan : { ...plan, etcd: [] };
}
