import type { Hop } from '../../contracts/upgrade';
import { DOLLARS, rounded } from '../../domain/cost/prices';
import { nextWait } from '../../domain/load-balancer-turns';
import { controlPlaneSeconds, HEALTHY_SECONDS, outSeconds, STAGE_SECONDS, WORKER_SECONDS } from './predict-upgrade';
import type { Surroundings } from './predict-upgrade';

/**
 * State transitions, nested executions included, as counted on nodes that answer at once (docs/architecture.md, "State transitions"), and a little
 * more; what waiting adds is counted by its time. They cover a run in which nothing takes longer than predicted.
 */
const TRANSITIONS = {
  /** 64 with its one minor, and where its plan needs approval the plan is made again after it. */
  operation: 80,
  hop: 25,
  /** A node's turn: 36 of a control plane, and 12 more when it leaves its load balancer; 27 of a worker. */
  controlPlane: 52,
  /** Two commands more: renew-certificates and refresh-kubeconfigs. */
  renewByName: 12,
  worker: 28,
  /** Per group, the look at the cluster and its two waves: 13. */
  group: 16,
  /** A drain that takes over half a minute is told of and goes on in a second command. */
  slowDrain: 8,
  /** A command of its own for every fifty nodes: facts twice, packages once. */
  fiftyNodes: 20,
};
/** Of one look at what is waited for: the question, the answer, the time until the next one. */
const LOOK = 3;
/** The look at CoreDNS and kube-proxy is a command. */
const LOOK_AT_ADDONS = 9;
const ADDONS_SECONDS = 60;
/** After a command's first minute without the event of its end SSM is asked for the command, and then for its results again and again. */
const COMMAND_MINUTE = 60;
const FIND_COMMAND = 3;
/** The question, which fails while the command runs, and the time until the next one. */
const LOOK_AT_COMMAND = 2;

/** How often is looked whether something is there that takes so long: as load balancers are asked, and commands no more often. */
function looks(seconds: number): number {
  let count = 0;
  for (let waited = 0; waited < seconds; waited += nextWait(waited)) count += 1;
  return count;
}

/** What Step Functions counts and bills when everything takes as long as predicted. */
export function upgradeCost(hops: Hop[], around: Surroundings): { transitions: number; dollars: number } {
  const nodes = (hop: Hop): number => hop.workers.reduce((sum, group) => sum + group.nodes.length, 0);
  const slowCommand = (seconds: number): number =>
    FIND_COMMAND + LOOK_AT_COMMAND * looks(Math.max(0, seconds - COMMAND_MINUTE));
  const ofControlPlane = (hop: Hop): number => {
    const out = around.loadBalancer.leave ? LOOK * (looks(around.deregistrationSeconds) + looks(HEALTHY_SECONDS)) : 0;
    const seconds = controlPlaneSeconds(hop, around) - outSeconds(around);
    const renewal = hop.kubeadm.renewCertificates === 'no' ? TRANSITIONS.renewByName : 0;
    return TRANSITIONS.controlPlane + renewal + TRANSITIONS.slowDrain + slowCommand(seconds) + out;
  };
  const ofHop = (hop: Hop): number => {
    const { raiseEtcd, controlPlanes, kubeletsLast, workers } = hop;
    const turns = (raiseEtcd?.nodes.length ?? 0) + controlPlanes.length * (kubeletsLast ? 2 : 1);
    return (
      TRANSITIONS.hop +
      slowCommand(STAGE_SECONDS) +
      LOOK_AT_ADDONS * looks(ADDONS_SECONDS) +
      TRANSITIONS.fiftyNodes * Math.floor((controlPlanes.length + nodes(hop)) / 50) +
      turns * ofControlPlane(hop) +
      workers.length * TRANSITIONS.group +
      nodes(hop) * (TRANSITIONS.worker + TRANSITIONS.slowDrain + slowCommand(WORKER_SECONDS))
    );
  };
  const transitions = hops.reduce((sum, hop) => sum + ofHop(hop), hops.length > 0 ? TRANSITIONS.operation : 0);
  return { transitions, dollars: rounded(transitions * DOLLARS.stateTransition) };
}
