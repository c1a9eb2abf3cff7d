import { kubernetesSettings, type KubernetesSettings } from '../../contracts/kubernetes-settings';
import { controlPlanesOf, isJoined, type Machine, type MachinesView } from './machines';

/** Not said to a node that joins: the cluster has it already. */
const UNUSED_POD_SUBNET = '0.0.0.0/0';

/** Control planes that are nodes of the cluster, with the release of Kubernetes that their packages have. */
export function releasesOf(view: MachinesView): Map<string, Machine[]> {
  const members = controlPlanesOf(view).filter(isJoined);
  return Map.groupBy(members, ({ value: { packages } }) => packages.kubeadm ?? packages.kubelet ?? 'unknown');
}

/**
 * How a node joins: as the settings of its cluster say, but with the cluster's own release, which an upgrade may have changed since they were
 * written. A cluster that others made has no such settings, and its own control plane tells what is needed. Undefined where no control plane
 * tells its release and endpoint.
 */
export function joinSettings(view: MachinesView): KubernetesSettings | undefined {
  const [release] = releasesOf(view);
  const member = release?.[1][0];
  const version = release?.[0] ?? '';
  const endpoint = view.config.kubernetes?.endpoint ?? member?.value.cluster.endpoint;
  const settings = kubernetesSettings.safeParse({
    ...(view.config.kubernetes ?? { podSubnet: UNUSED_POD_SUBNET }),
    ...{ version, endpoint },
    ...(member?.value.cluster.cgroupDriver && { cgroupDriver: member.value.cluster.cgroupDriver }),
  });
  return settings.data;
}
