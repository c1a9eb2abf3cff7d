import type { Prerequisite } from '../contracts/create';
import type { Gate } from '../contracts/plan';
import { controlPlanesOf, isJoined, type CreateView, type MachinesView } from '../domain/create/machines';
import { hasOwnEtcd } from '../domain/kubeadm/own-configuration';
import { configurationApi, unsayable } from '../domain/kubeadm/render-configuration';
import { passed, refused, warned } from '../domain/plan';
import { count, listNames, shorten } from '../domain/text/plain-text';

// What has to hold of all machines together before anything is done to one.

/** A machine that is not heard may be the control plane that the cluster began with: a second one would make a second cluster. */
export function machinesAnswer({ noAnswers, expected }: Pick<MachinesView, 'noAnswers' | 'expected'>): Gate {
  const name = 'nodes-answer';
  if (noAnswers.length === 0) return passed(name, `All ${count(expected, 'machine')} answered.`);
  const reasons = noAnswers.slice(0, 3).map(({ message }) => shorten(message, 300));
  return refused(
    name,
    `${noAnswers.length} of ${count(expected, 'machine')} did not answer (${listNames(noAnswers.map((one) => one.name))}): ${reasons.join(' ')}`,
    'Repair them first, or take the tag kubeadm-autopilot:cluster off those that are not to be part of it.',
  );
}

export function machinesAtRest({
  machines,
}: {
  machines: { name: string; value: { running?: boolean | undefined } }[];
}): Gate {
  const name = 'nodes-at-rest';
  const busy = machines.filter(({ value }) => value.running).map((one) => one.name);
  if (busy.length === 0) return passed(name, 'No script that changes a machine is still running.');
  return refused(
    name,
    `A script of an earlier operation is still at work on ${listNames(busy)}.`,
    'Start again when it has ended, within half an hour.',
  );
}

/** The etcd of a cluster that is made is one of three: on its control planes, on a machine of role etcd, or somebody else's. */
export function etcdMachineFits({ cluster, config, settings, machines, etcdMachines }: CreateView): Gate[] {
  if (etcdMachines.length === 0) return [];
  const name = 'etcd-machine';
  const who = listNames(etcdMachines.map((one) => one.name));
  const tag = 'the tag kubeadm-autopilot:role=etcd';
  if (config.kubernetes?.externalEtcd || hasOwnEtcd(settings)) {
    const what = config.kubernetes?.externalEtcd ? 'kubernetes.externalEtcd' : 'kubernetes.configuration';
    return [
      refused(
        name,
        `${who} ${etcdMachines.length === 1 ? 'has' : 'have'} ${tag}, and ${what} of ${cluster} names an etcd as well: a cluster has one.`,
        `Take ${what === 'kubernetes.configuration' ? 'etcd out of ' : ''}${what} out of clusters/${cluster}.yaml and deploy again, or take ${tag} off until the cluster is created.`,
      ),
    ];
  }
  if (etcdMachines.length !== 1) {
    return [
      refused(
        name,
        `${etcdMachines.length} machines of ${cluster} have ${tag} (${who}): this app starts an external etcd on one machine, got ${etcdMachines.length}.`,
        `Take the tags kubeadm-autopilot:cluster off the others, or run an etcd of several members yourself and name it in kubernetes.externalEtcd, or leave etcd on three control planes.`,
      ),
    ];
  }
  const [machine] = etcdMachines;
  if (isJoined(machine!) && !machine!.value.cluster.etcdMember) {
    return [
      refused(name, `${who} has ${tag}, and is a node of a cluster.`, `Correct the tag, or run 'kubeadm reset' on it.`),
    ];
  }
  if (machine!.privateIp === undefined)
    return [refused(name, `${who} has ${tag} and no private address.`, 'Look at its network interface.')];
  const withoutIt = machines.filter(({ role }) => role === 'control-plane').filter(isJoined);
  if (withoutIt.length > 0 && !isJoined(machine!)) {
    return [
      refused(
        name,
        `${listNames(withoutIt.map((one) => one.name))} ${withoutIt.length === 1 ? 'is a control plane' : 'are control planes'} already, with another etcd than ${who}, which runs none: an etcd cannot be exchanged.`,
        `Take ${tag} off ${who}.`,
      ),
    ];
  }
  return [
    warned(
      name,
      `etcd runs on ${who} alone: while that machine is off, the API is, and its disk holds the only copy of the cluster's state between backups.`,
    ),
  ];
}

/** An even number of members spares no more than one less, and loses its majority sooner. */
export function oddControlPlanes(view: MachinesView): Gate {
  const name = 'control-planes';
  const amount = controlPlanesOf(view).length;
  if (hasEtcdElsewhere(view))
    return passed(name, `The cluster has ${count(amount, 'control plane')}, and its etcd runs elsewhere.`);
  if (amount % 2 === 1) return passed(name, `The cluster has ${count(amount, 'control plane')}.`);
  return warned(
    name,
    `The cluster has ${count(amount, 'control plane')}: etcd with an even number of members survives no more losses than with one less.`,
  );
}

/** By the settings and tags; of a cluster that is there also where none of its control planes listens as etcd does. */
function hasEtcdElsewhere(view: MachinesView): boolean {
  const members = controlPlanesOf(view).filter(isJoined);
  const none = members.length > 0 && members.every(({ value }) => !value.portsInUse.includes(2379));
  return view.config.kubernetes?.externalEtcd !== undefined || view.etcdMachines.length > 0 || none;
}

/** Nodes that have joined belong to one cluster, and workers have none without a control plane. */
export function oneCluster({ machines }: MachinesView): Gate {
  const name = 'one-cluster';
  const joined = machines.filter(isJoined);
  const hashes = Map.groupBy(joined, ({ value }) => value.cluster.caHash ?? 'unknown');
  if (hashes.size > 1) {
    const groups = [...hashes.values()].map((group) =>
      listNames(
        group.map((one) => one.name),
        4,
      ),
    );
    return refused(
      name,
      `These machines are nodes of different clusters, by their CAs: ${groups.join('; ')}.`,
      "Correct their tags kubeadm-autopilot:cluster, or run 'kubeadm reset' on those that do not belong here.",
    );
  }
  const wrong = joined.filter(
    ({ role, value }) =>
      value.cluster.etcdMember === true || (role === 'control-plane') !== (value.cluster.controlPlane === true),
  );
  if (wrong.length > 0) {
    return refused(
      name,
      `${listNames(wrong.map((one) => one.name))} joined in another role than the tag says.`,
      'Correct the tag kubeadm-autopilot:role.',
    );
  }
  if (joined.length > 0 && !joined.some(({ role }) => role === 'control-plane')) {
    return refused(
      name,
      `${listNames(joined.map((one) => one.name))} joined a cluster of which no control plane is among the machines.`,
      "Tag its control planes, or run 'kubeadm reset' on these nodes.",
    );
  }
  return passed(
    name,
    joined.length > 0
      ? `${count(joined.length, 'node')} of the cluster ${joined.length === 1 ? 'is' : 'are'} there already.`
      : 'No machine is a node yet.',
  );
}

/** kubeadm joins only a cluster of its own version; the cluster may have been upgraded since its settings were written. */
export function clusterVersion({ machines, settings, cluster }: CreateView): Gate {
  const name = 'cluster-version';
  const there = machines.filter(isJoined).flatMap(({ value }) => value.packages.kubeadm ?? []);
  const others = [...new Set(there.filter((version) => version !== settings.version))];
  const isJoining = machines.some((machine) => !isJoined(machine));
  if (others.length === 0 || !isJoining) return passed(name, `Nodes join with Kubernetes ${settings.version}.`);
  return refused(
    name,
    `Nodes of ${cluster} have kubeadm ${listNames(others)}, and its settings say ${settings.version}: kubeadm joins only a cluster of its own version.`,
    `Correct kubernetes.version in clusters/${cluster}.yaml and deploy again, or upgrade the cluster first.`,
  );
}

/** The release of kubeadm has all that the settings say. */
export function configurationFits({ settings, cluster }: CreateView): Gate {
  const name = 'kubeadm-configuration';
  const problems = unsayable(settings);
  if (problems.length === 0) return passed(name, `kubeadm ${settings.version} takes what the settings say.`);
  return refused(
    name,
    `kubeadm ${settings.version}, which reads kubeadm.k8s.io/${configurationApi(settings.version)}, does not know this: ${problems.join('; ')}.`,
    `Take it out of the section kubernetes of clusters/${cluster}.yaml, or choose a newer version.`,
  );
}

/** Somebody has to bring a network plugin: without one no node becomes Ready. */
export function networkPlugin({ settings }: CreateView): Gate {
  const name = 'network-plugin';
  if (settings.cni) return passed(name, `The network plugin comes from ${settings.cni.url}.`);
  return warned(
    name,
    'The settings name no manifest of a network plugin (kubernetes.cni): nodes become Ready only where their image has one.',
  );
}

/** Its kubelets taint their nodes until a cloud controller manager has looked at them. Nothing to say without a cloud provider. */
export function cloudControllerManager({ settings }: CreateView): Gate[] {
  if (settings.cloudProvider !== 'external') return [];
  return [
    warned(
      'cloud-controller-manager',
      'Nodes have the taint node.cloudprovider.kubernetes.io/uninitialized until a cloud controller manager has seen them, and CoreDNS waits for that: it has to come with the manifest in kubernetes.cni, or from you meanwhile.',
    ),
  ];
}

/** The table of prerequisites, a gate a check. */
export function prerequisitesMet(rows: Prerequisite[]): Gate[] {
  if (rows.length === 0) return [passed('prerequisites', 'Every machine has what Kubernetes needs.')];
  const checks = Map.groupBy(rows, ({ check }) => check);
  return [...checks].map(([check, all]) => {
    const name = check.replaceAll(' ', '-');
    const found = all.slice(0, 4).map(({ node, found: what }) => `${node}: ${what}`);
    const more = all.length > 4 ? `; and ${all.length - 4} more` : '';
    const reason = `${check}: expected ${all[0]!.wanted}, found ${found.join('; ')}${more}.`;
    return all.every(({ warning }) => warning) ? warned(name, reason) : refused(name, reason, all[0]!.whatToDo);
  });
}
