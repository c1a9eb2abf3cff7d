import type { ClusterConfig } from '../../contracts/cluster-config';
import type { Gate } from '../../contracts/plan';
import {
  diskSpace,
  etcdKeepsMajority,
  everyoneAnswers,
  kubeletRuns,
  nobodyIsAtWork,
  othersReady,
} from '../../gates/control-plane-gates';
import { describeMajority, lostMajority, viewEtcd } from '../../domain/etcd/majority';
import type { ControlPlane, NoAnswer } from '../../domain/nodes/answers';
import { refused } from '../../domain/plan';
import {
  caKeys,
  canBeRenewed,
  casAreValid,
  notFrozen,
  signedByTheirCa,
  staysServed,
  validityIsReadable,
} from '../../gates/renewal-gates';
import { isDown, isRepairedByRenewal } from './control-planes';

export interface WantedRenewal {
  config: ClusterConfig;
  /** All control planes there are. */
  expected: { name: string }[];
  answers: ControlPlane[];
  noAnswers: NoAnswer[];
  /** Control planes that there is a reason to renew. */
  candidates: ControlPlane[];
  /** Those of them where something gains, in their order. */
  steps: ControlPlane[];
  /** The others of them that do not serve what they have. */
  unserved: { name: string; notServed: string[] }[];
  now: Date;
}

/** Every gate of the renewal, as far as it can be answered before anything has changed. */
export function assessPlanGates(wanted: WantedRenewal): Gate[] {
  const { config, expected, answers, noAnswers, candidates, steps, unserved, now } = wanted;
  return [
    notFrozen(config),
    everyoneAnswers(expected, noAnswers),
    nobodyIsAtWork(answers),
    caKeys(answers),
    casAreValid(answers, now),
    signedByTheirCa(candidates),
    ...validityIsReadable(candidates),
    ...canBeRenewed(steps),
    ...(unserved.length > 0 ? [staysServed(unserved)] : []),
    ...walkThrough(steps, answers, now),
  ];
}

/** Goes through the steps as they will be done: a node that its certificates have stopped works again after its turn. */
function walkThrough(steps: ControlPlane[], answers: ControlPlane[], now: Date): Gate[] {
  const lost = majorityLost(answers);
  if (lost) return [lost];
  let cluster = answers;
  const view = viewEtcd(answers);
  return steps.flatMap((step) => {
    const gates = [
      kubeletRuns(step),
      etcdKeepsMajority(step, cluster, view),
      othersReady(step, cluster),
      diskSpace(step),
    ];
    if (isDown(step) && isRepairedByRenewal(step, now)) {
      cluster = cluster.map((node) => (node.instanceId === step.instanceId ? repaired(node) : node));
      for (const member of view.members) if (member.node === step.name) member.healthy = true;
    }
    return gates;
  });
}

function repaired(node: ControlPlane): ControlPlane {
  return { ...node, value: { ...node.value, health: { ...node.value.health, apiServer: { ok: true } } } };
}

/** For another reason than its certificates, because then the plan is a repair. */
function majorityLost(answers: ControlPlane[]): Gate | undefined {
  const majority = lostMajority(answers);
  if (majority === undefined) return undefined;
  return refused(
    'etcd has a majority',
    `etcd has no majority (${describeMajority(majority)}), so no control plane may be restarted.`,
    'Repair etcd by hand first, see "GateRefused" in the runbook.',
  );
}
