import type { ClusterConfig } from '../contracts/cluster-config';
import type { ControlPlaneFacts } from '../contracts/node-steps';
import type { Gate } from '../contracts/renewal-plan';
import { RUNBOOK } from '../contracts/runbook';
import {
  diskSpace,
  etcdKeepsMajority,
  everyoneAnswers,
  kubeletRuns,
  nobodyIsAtWork,
  othersReady,
} from '../shared/control-plane-gates';
import { describeMajority, majorityWithout, viewEtcd } from '../shared/etcd-majority';
import type { Answer, NoAnswer } from '../shared/parse-results';
import { listNames } from '../shared/shorten';
import { isDown } from './order-control-planes';
import { isMendedByRenewal } from './why-renew';

type ControlPlane = Answer<ControlPlaneFacts>;

/** Every gate of the renewal, as far as it can be answered before anything has changed. `steps` in their order. */
export function assessPlanGates(
  config: ClusterConfig,
  expected: { name: string }[],
  answers: ControlPlane[],
  noAnswers: NoAnswer[],
  steps: ControlPlane[],
  now: Date,
): Gate[] {
  return [
    notFrozen(config),
    everyoneAnswers(expected, noAnswers),
    nobodyIsAtWork(answers),
    caKeys(answers),
    ...walkThrough(steps, answers, now),
  ];
}

function notFrozen({ frozen, cluster }: ClusterConfig): Gate {
  const gate = 'not frozen';
  if (frozen === undefined) return { gate, passed: true, reason: `${cluster} is not frozen.` };
  return {
    gate,
    passed: false,
    reason: `${cluster} is frozen (${frozen}): nothing may change until that is taken back in its settings or its tag kubeadm-autopilot:frozen.`,
  };
}

/** kubeadm says nothing and exits 0 where a CA's key is missing: so ask before. */
function caKeys(answers: ControlPlane[]): Gate {
  const gate = 'CA keys are there';
  const lacking = answers.map(({ name, value }) => {
    const needed = value.etcd.topology === 'stacked' ? ['ca', 'etcd-ca', 'front-proxy-ca'] : ['ca', 'front-proxy-ca'];
    return { name, missing: needed.filter((ca) => !value.caKeys.includes(ca)) };
  });
  const without = lacking.filter(({ missing }) => missing.length > 0);
  if (without.length === 0) return { gate, passed: true, reason: 'Every control plane has the keys of its CAs.' };
  const missing = listNames([...new Set(without.flatMap((node) => node.missing))].sort());
  const nodes = listNames(without.map(({ name }) => name));
  const everywhere = without.length === answers.length;
  const reason = everywhere
    ? `No control plane has the key of ${missing}: an external CA signs these certificates and kubeadm cannot renew them; have its owner sign new ones, see "${RUNBOOK.expiry}" in the runbook.`
    : `${nodes} ${without.length === 1 ? 'lacks' : 'lack'} the key of ${missing}, which other control planes have: copy it from one of them to /etc/kubernetes/pki, or renew there by hand.`;
  return { gate, passed: false, reason };
}

/** Goes through the steps as they will be done: a node that its certificates have stopped works again after its turn. */
function walkThrough(steps: ControlPlane[], answers: ControlPlane[], now: Date): Gate[] {
  const lost = majorityLost(answers, now);
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
    if (isDown(step) && isMendedByRenewal(step, now)) {
      cluster = cluster.map((node) => (node.instanceId === step.instanceId ? mended(node) : node));
      for (const member of view.members) if (member.node === step.name) member.healthy = true;
    }
    return gates;
  });
}

function mended(node: ControlPlane): ControlPlane {
  return { ...node, value: { ...node.value, health: { ...node.value.health, apiServer: { ok: true } } } };
}

/** One by one cannot work then: a majority needs valid peer certificates before the first member can commit again. */
function majorityLost(answers: ControlPlane[], now: Date): Gate | undefined {
  const view = viewEtcd(answers);
  if (view.topology === 'external' || (answers.length === 1 && view.members.length <= 1)) return undefined;
  const majority = majorityWithout(view, '');
  const { voters, needed, healthy } = majority;
  if (voters > 0 && healthy >= needed) return undefined;
  const gate = 'etcd has a majority';
  const have = `etcd has no majority (${describeMajority(majority)})`;
  const expired = answers.filter((node) => isDown(node) && isMendedByRenewal(node, now)).map(({ name }) => name);
  const reason =
    expired.length > 0
      ? `${have} and certificates of ${listNames(expired)} have expired or are not loaded, so renewing one by one cannot work: by hand run kubeadm certs renew all --config with the saved ClusterConfiguration on every control plane, then restart etcd on all of them, then the API servers, then the rest; see "GateRefused" in the runbook.`
      : `${have}, so no control plane may be restarted: mend etcd by hand first, see "GateRefused" in the runbook.`;
  return { gate, passed: false, reason };
}
