import type { Casualties } from '../../domain/certificates/casualties';
import { lostMajority, majorityWithout, viewEtcd } from '../../domain/etcd/majority';
import type { ControlPlane } from '../../domain/nodes/answers';
import { isDown } from './order-control-planes';

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
