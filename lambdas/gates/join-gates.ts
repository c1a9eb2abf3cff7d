import type { Gate } from '../contracts/plan';
import type { Asked } from '../domain/create/asked-machines';
import { joinSettings, releasesOf } from '../domain/create/join-settings';
import { controlPlanesOf, isJoined, type MachinesView } from '../domain/create/machines';
import { passed, refused } from '../domain/plan';
import { count, listNames } from '../domain/text/plain-text';

// What has to hold before machines join a cluster that is there.

/** What was asked for are instances with the cluster's tag. */
export function askedAreThere(cluster: string, { nodes, unknown, ambiguous }: Asked): Gate {
  const name = 'machines-are-there';
  if (unknown.length > 0) {
    return refused(
      name,
      `${listNames(unknown)} ${unknown.length === 1 ? 'is no running instance' : 'are no running instances'} of ${cluster}: expected ids or names of instances that have the tag kubeadm-autopilot:cluster=${cluster}.`,
      'Check the name, or tag the instance with kubeadm-autopilot:cluster and kubeadm-autopilot:role.',
    );
  }
  if (ambiguous.length > 0) {
    return refused(
      name,
      `Several instances of ${cluster} are called ${listNames(ambiguous)}.`,
      'Ask for them by the ids of their instances.',
    );
  }
  return passed(name, `${count(nodes.length, 'machine')} with the tag of ${cluster}.`);
}

/** Somebody has to let them in. */
export function clusterIsThere(view: MachinesView): Gate {
  const name = 'cluster-is-there';
  const members = controlPlanesOf(view).filter(isJoined);
  if (members.length > 0) return passed(name, `${members[0]!.name} lets them in.`);
  return refused(
    name,
    `No control plane of ${view.cluster} that answers is a node of a cluster.`,
    'Create the cluster first (create-cluster), or repair its control planes.',
  );
}

/** kubeadm joins a cluster of its own release only, so there has to be one. */
export function oneRelease(view: MachinesView): Gate {
  const name = 'cluster-version';
  const releases = [...releasesOf(view)];
  if (releases.length > 1) {
    const found = releases.map(([version, machines]) => `${version} on ${listNames(machines.map((one) => one.name))}`);
    return refused(
      name,
      `The control planes have packages of different releases of Kubernetes: ${found.join('; ')}.`,
      'Finish the upgrade first.',
    );
  }
  const settings = joinSettings(view);
  if (releases.length === 0 || settings) return passed(name, `Nodes join with Kubernetes ${releases[0]?.[0] ?? ''}.`);
  return refused(
    name,
    `The control planes of ${view.cluster} do not tell with which release (found ${releases[0]![0]}) and by which endpoint (found ${releases[0]![1][0]!.value.cluster.endpoint ?? 'none'}) a node joins: expected packages of Kubernetes 1.28 or newer, and host:port in /etc/kubernetes/admin.conf.`,
    `Add a section kubernetes with version, endpoint and podSubnet to clusters/${view.cluster}.yaml and deploy again.`,
  );
}
