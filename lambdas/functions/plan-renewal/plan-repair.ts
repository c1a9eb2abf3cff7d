import type { ClusterConfig } from '../../contracts/cluster-config';
import type { Gate } from '../../contracts/plan';
import type { RenewalPlan } from '../../contracts/renewal';
import { diskSpace, nobodyIsAtWork } from '../../gates/control-plane-gates';
import { passed, refused } from '../../domain/plan';
import type { Casualties } from '../../domain/certificates/casualties';
import type { ControlPlane, NoAnswer } from '../../domain/nodes/answers';
import { count, listNames, shorten } from '../../domain/text/plain-text';
import { leftAloneSentence } from '../../domain/certificates/left-alone';
import { predictGains } from '../../domain/certificates/predict-gains';
import {
  caKeys,
  canBeRenewed,
  casAreValid,
  notFrozen,
  signedByTheirCa,
  validityIsReadable,
} from '../../gates/renewal-gates';
import { repairSeconds } from './predict-renewal';
import { RENEW, whyRenew, isDown } from './control-planes';
import { lostMajority, majorityWithout, viewEtcd } from '../../domain/etcd/majority';

export interface Situation {
  config: ClusterConfig;
  /** Only kubelets are asked for; but a dead cluster cannot give them any certificate. */
  kubeletsOnly: boolean;
  /** All control planes there are. */
  expected: { name: string }[];
  answers: ControlPlane[];
  noAnswers: NoAnswer[];
  casualties: Casualties;
  workers: number;
  /** The workers are more than a state holds, so that they cannot be asked. */
  workersLeftOut: boolean;
  now: Date;
}

export type Repair = Pick<RenewalPlan, 'steps' | 'spokesman' | 'gates' | 'summary' | 'predictedSeconds'>;

/** The repair: control planes that do not work, all at once; then the kubelets. */
export function planRepair(situation: Situation): Repair {
  const { config, kubeletsOnly, expected, answers, noAnswers, casualties, now } = situation;
  const chosen = chooseForRepair(answers, casualties, kubeletsOnly);
  const steps = chosen.map((node) => ({
    instanceId: node.instanceId,
    name: node.name,
    action: RENEW,
    predictedSeconds: repairSeconds(0),
    why: whyRenew(node, false, now) ?? 'it restarts together with the others',
    ...(node.value.inventory && { certificates: predictGains(node.value.inventory, false, now) }),
  }));
  const speaks = chosen[0] ?? answers.find(({ value }) => value.health.apiServer.ok) ?? answers[0];
  return {
    ...(speaks && { spokesman: { instanceId: speaks.instanceId, name: speaks.name } }),
    steps,
    gates: [
      notFrozen(config),
      majorityAnswers(expected, noAnswers),
      nobodyIsAtWork(answers),
      caKeys(answers),
      casAreValid(answers, now),
      signedByTheirCa(chosen),
      ...validityIsReadable(chosen),
      ...canBeRenewed(chosen),
      ...chosen.map(diskSpace),
      ...(situation.workersLeftOut ? [workersFit(situation)] : []),
    ],
    predictedSeconds: repairSeconds(situation.workers),
    summary: `${summarise(situation, chosen)}${leftAloneSentence(steps)}`,
  };
}

/** Refuses: asked only where they do not fit. */
const workersFit = ({ config, workers }: Situation): Gate =>
  refused(
    'every worker can be asked',
    `${config.cluster} has ${count(workers, 'worker')}, more than fit into a state of the operation, and a repair asks each of them.`,
    'Shorten their tags Name, or tag a part of them as another cluster, and start again.',
  );

/** Who is gone for good must not keep the others dead; but etcd comes back only with a majority. */
function majorityAnswers(expected: { name: string }[], noAnswers: NoAnswer[]): Gate {
  const name = 'a majority of the control planes answers';
  const needed = Math.floor(expected.length / 2) + 1;
  const answering = expected.length - noAnswers.length;
  const silent = listNames(noAnswers.map((node) => node.name));
  if (noAnswers.length === 0) return passed(name, `All ${count(expected.length, 'control plane')} answered.`);
  if (answering >= needed) {
    return passed(
      name,
      `${answering} of ${count(expected.length, 'control plane')} answered, ${needed} are needed: ${silent} ${noAnswers.length === 1 ? 'is' : 'are'} left out until started again with ${noAnswers.length === 1 ? 'it' : 'them'}.`,
    );
  }
  const reasons = noAnswers.slice(0, 3).map(({ message }) => shorten(message, 300));
  return refused(
    name,
    `${noAnswers.length} of ${count(expected.length, 'control plane')} did not answer (${silent}), and etcd needs ${needed} of them: ${reasons.join(' ')}`,
    `Bring ${needed - answering} of them back first.`,
  );
}

function summarise({ config, answers, casualties, noAnswers, workers }: Situation, chosen: ControlPlane[]): string {
  const { cluster } = config;
  const kubelets = `the kubelets of ${count(answers.length, 'control plane')} and ${count(workers, 'worker')} by a bootstrap token of 15 minutes, where their certificates have expired`;
  const leftOut =
    noAnswers.length > 0 ? ` ${listNames(noAnswers.map(({ name }) => name))} did not answer and is left out.` : '';
  const waiting = answers.filter(
    ({ name, value }) =>
      !chosen.some((node) => node.name === name) && (value.renewal.unfinished || casualties.stopped.includes(name)),
  );
  if (chosen.length === 0) {
    const later =
      waiting.length > 0
        ? ` ${listNames(waiting.map(({ name }) => name))} ${waiting.length === 1 ? 'is' : 'are'} renewed when it is started again.`
        : '';
    return `Kubelets of ${cluster} get new certificates: ${kubelets}.${later}${leftOut}`;
  }
  const names = listNames(chosen.map(({ name }) => name));
  const why =
    casualties.stopped.length > 0
      ? `certificates of ${listNames(casualties.stopped)} have expired`
      : 'a repair was cut off before etcd had its new certificates';
  const state = casualties.isDead
    ? `${cluster} is dead, because ${why}.`
    : `Certificates of ${names} or of ${chosen.length === 1 ? 'its kubelet' : 'their kubelets'} have expired, or a renewal was cut off.`;
  const others =
    chosen.length < answers.length ? ' The other control planes are renewed when it is started again.' : '';
  return `${state} Repair, on ${names} at once: the files, then etcd, the API servers and the rest; then ${kubelets}.${others}${leftOut}`;
}

/**
 * Control planes that a repair restarts, all at once. Of a dead cluster: every one that answers. Of one that is alive only those whose
 * restart takes nothing away, because what works is renewed one by one, with its gates and out of its load balancer.
 * @param kubeletsOnly a renewal that was cut off is none of this start's business
 */
export function chooseForRepair(
  answers: ControlPlane[],
  casualties: Casualties,
  kubeletsOnly: boolean,
): ControlPlane[] {
  if (casualties.isDead) return answers;
  const { stopped, lockedOutKubelets } = casualties;
  const chosen: ControlPlane[] = [];
  for (const node of answers) {
    const isCutOff = node.value.renewal.unfinished && !kubeletsOnly;
    // What a kubelet that cannot start would run does not run, whatever its own certificates are.
    const isStopped = isDown(node) && [...stopped, ...lockedOutKubelets].includes(node.name);
    if (isStopped || (isCutOff && (isDown(node) || hasOnlyTheRestLeft(node)))) {
      if (etcdCanSpare([...chosen, node], answers)) chosen.push(node);
    }
  }
  return chosen;
}

/** What its renewal has still to restart is none of what others need: controller manager and scheduler have others to take over. */
function hasOnlyTheRestLeft({ value }: ControlPlane): boolean {
  const { toRestart } = value.renewal;
  return toRestart !== undefined && !toRestart.some((component) => ['etcd', 'kube-apiserver'].includes(component));
}

/** Where the API server alone is down, etcd's member works, and restarting it must not cost etcd its majority. */
function etcdCanSpare(nodes: ControlPlane[], answers: ControlPlane[]): boolean {
  const restarting = nodes.filter((node) => node.value.etcd.healthy && !hasOnlyTheRestLeft(node));
  const view = viewEtcd(answers);
  if (view.topology === 'external' || restarting.length === 0) return true;
  const { healthyWithout, needed } = majorityWithout(view, ...restarting.map(({ name }) => name));
  return healthyWithout >= needed;
}

/**
 * Whether a repair was cut off that etcd still needs: its files are new, so no date tells of it any more, but too many members do not
 * run with them yet. A member that calls itself healthy has just committed something: then there is a majority, whatever others have
 * not heard in time.
 * @param expected how many control planes the cluster has, also those that did not answer
 */
export function etcdAwaitsRepair(answers: ControlPlane[], expected: number): boolean {
  if (lostMajority(answers) === undefined || answers.some(({ value }) => value.etcd.healthy)) return false;
  const well = answers.filter((node) => !isDown(node)).length;
  const cutOff = answers.filter((node) => isDown(node) && node.value.renewal.unfinished).length;
  return cutOff > 0 && well + cutOff > expected / 2;
}
