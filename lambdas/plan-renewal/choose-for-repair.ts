import type { ControlPlaneFacts } from '../contracts/node-steps';
import type { Casualties } from '../shared/dead-cluster';
import { majorityWithout, viewEtcd } from '../shared/etcd-majority';
import type { Answer } from '../shared/parse-results';
import { isDown } from './order-control-planes';

type ControlPlane = Answer<ControlPlaneFacts>;

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
