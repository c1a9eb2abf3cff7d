import type { ClusterConfig } from '../../contracts/cluster-config';
import type { Hop } from '../../contracts/upgrade';

// Measured on 1.36.3 → 1.37.2, docs/lab.md. Predictions tell a person whether there is time for it: rather too long than too short.

/** A control plane whose kubelet uses another API server meanwhile: kubeadm 79 to 85 s, drain, kubelet and Ready again 30 to 55 s. */
const CONTROL_PLANE_SECONDS = 140;
/** What the kubelet's way through its own API server adds: 177 s instead of 83 s for kubeadm. */
const OWN_API_SECONDS = 95;
/** Certificates renewed by name, each static pod restarted: a turn of the lab's scenario `operations` without its load balancer. */
const RENEWAL_SECONDS = 60;
/** 29 to 43 s under a disruption budget. */
export const WORKER_SECONDS = 45;
/** Packages of a minor and the images of a control plane, on all nodes at once; as much as a slow registry takes. */
export const STAGE_SECONDS = 120;
/** One member: 21 s. */
const RAISE_ETCD_SECONDS = 30;
/** Facts twice, the snapshot with its rehearsal, proof at the end. */
const AROUND_SECONDS = 90;
/** Until a target that was registered again is healthy: by the default checks of a Network Load Balancer, with their interval of 30 s. */
export const HEALTHY_SECONDS = 60;
/** The default of target groups, which most clusters leave as it is (docs/decisions/0007-leave-the-load-balancer.md). */
export const DEREGISTRATION_SECONDS = 300;

export interface Surroundings {
  loadBalancer: Pick<ClusterConfig['loadBalancer'], 'leave' | 'settleSeconds'>;
  deregistrationSeconds: number;
}

/** @param deregistrationSeconds null: its control planes are in no target group; undefined: nobody knows */
export function surroundings(
  { leave, settleSeconds }: ClusterConfig['loadBalancer'],
  deregistrationSeconds: number | null | undefined,
): Surroundings {
  return {
    loadBalancer: { leave: leave && deregistrationSeconds !== null, settleSeconds },
    deregistrationSeconds: deregistrationSeconds ?? DEREGISTRATION_SECONDS,
  };
}

/** One control plane's turn, from the way out of its load balancer to the way back. */
export function controlPlaneSeconds({ kubeadm }: Hop, around: Surroundings): number {
  const ownApi = kubeadm.kubeletServer === 'own' ? OWN_API_SECONDS : 0;
  const renewal = kubeadm.renewCertificates === 'no' ? RENEWAL_SECONDS : 0;
  return CONTROL_PLANE_SECONDS + ownApi + renewal + outSeconds(around);
}

export const workerSeconds = (): number => WORKER_SECONDS;

/** Of a turn's time that which passes while its node leaves the load balancer and comes back. */
export function outSeconds({ loadBalancer, deregistrationSeconds }: Surroundings): number {
  return loadBalancer.leave ? deregistrationSeconds + loadBalancer.settleSeconds + HEALTHY_SECONDS : 0;
}

/** For the whole operation. Of a group the canary goes alone, then as many at a time as its window takes; one group after the other. */
export function upgradeSeconds(hops: Hop[], around: Surroundings): number {
  if (hops.length === 0) return 0;
  const each = hops.map((hop) => {
    const raised = (hop.raiseEtcd?.nodes.length ?? 0) * (RAISE_ETCD_SECONDS + outSeconds(around));
    const rounds = hop.workers.reduce(
      (sum, { nodes, maxUnavailable }) => sum + 1 + Math.ceil(Math.max(0, nodes.length - 1) / maxUnavailable),
      0,
    );
    return (
      STAGE_SECONDS + raised + hop.controlPlanes.length * controlPlaneSeconds(hop, around) + rounds * WORKER_SECONDS
    );
  });
  return AROUND_SECONDS + each.reduce((sum, seconds) => sum + seconds, 0);
}
