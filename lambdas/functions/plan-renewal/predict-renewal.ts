import type { ClusterConfig } from '../../contracts/cluster-config';

/** docs/lab.md, "the scripts: check · inspect · renew": 1.2 s and 10–12 s. Run Command adds about a second to each. */
const INSPECTION_SECONDS = 2;
const RENEWAL_SECONDS = 13;
/** A Network Load Balancer's default, which most clusters leave as it is (docs/decisions/0007-leave-the-load-balancer.md). */
/** A member of an external etcd, which is no control plane. */
export const ETCD_SECONDS = 10;
const DEREGISTRATION_SECONDS = 300;
/** Until a target that was registered again is healthy: by the default checks of a Network Load Balancer, with their interval of 30 s. */
const HEALTHY_SECONDS = 60;
/** A dead cluster of 3 control planes and 2 workers (docs/lab.md: 35 to 51 s). */
const REPAIR_SECONDS = 60;
/** As many workers rejoin at a time, and their kubelets get so long at most (docs/node-steps.md, rejoin-kubelet). */
const WORKERS_AT_ONCE = 200;
const REJOIN_SECONDS = 150;

// Predictions tell a person whether there is time for it: rather too long than too short. What is in a load balancer is not known yet.

/** The turn of one control plane: look at all of them, leave the load balancer and look again, renew, return. */
export function turnSeconds({ leave, settleSeconds }: ClusterConfig['loadBalancer']): number {
  const out = leave ? DEREGISTRATION_SECONDS + settleSeconds + INSPECTION_SECONDS + HEALTHY_SECONDS : 0;
  return INSPECTION_SECONDS + RENEWAL_SECONDS + out;
}

/** One control plane after the other, and a last look at all. */
export function renewalSeconds(turns: number, loadBalancer: ClusterConfig['loadBalancer']): number {
  return turns === 0 ? 0 : turns * turnSeconds(loadBalancer) + INSPECTION_SECONDS;
}

/** Control planes at once, then the kubelets. */
export function repairSeconds(workerCount: number): number {
  return REPAIR_SECONDS + Math.floor(workerCount / WORKERS_AT_ONCE) * REJOIN_SECONDS;
}
