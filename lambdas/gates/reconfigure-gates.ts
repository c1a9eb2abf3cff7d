import type { Gate } from '../contracts/plan';
import type { ConfiguredNode } from '../domain/reconfigure/lost-changes';
import { passed, refused } from '../domain/plan';
import { listNames } from '../domain/text/plain-text';

// What has to hold before the configuration of a running cluster changes.

/** kubeadm of another release would also write what that release changes in the manifests. */
export function kubeadmOfTheCluster(nodes: ConfiguredNode[], version: string): Gate {
  const name = 'kubeadm-version';
  const others = nodes.filter(({ value }) => value.kubeadm !== version);
  if (others.length === 0) return passed(name, `kubeadm is ${version} on every node, as the cluster.`);
  return refused(
    name,
    `The cluster has Kubernetes ${version}, and kubeadm is another on ${listNames(
      others.map((one) => `${one.name} (${one.value.kubeadm || 'none'})`),
      4,
    )}: it would change more than the settings.`,
    'Finish the upgrade of the cluster, or install the kubeadm of its version there.',
  );
}

/** Of one configuration: a control plane that tells another one is part of another cluster, or its API server is behind. */
export function oneConfiguration(nodes: ConfiguredNode[]): Gate {
  const name = 'one-configuration';
  const told = Map.groupBy(
    nodes.filter(({ value }) => value.controlPlane),
    ({ value }) => `${value.controlPlane!.clusterConfiguration} ${value.controlPlane!.kubeletConfiguration}`,
  );
  if (told.size === 1) return passed(name, 'All control planes tell the same configuration of the cluster.');
  if (told.size === 0)
    return refused(
      name,
      'No control plane told the configuration of the cluster.',
      'Look at why none of them answers.',
    );
  const groups = [...told.values()].map((group) => listNames(group.map((one) => one.name)));
  return refused(
    name,
    `Control planes tell different configurations of the cluster: ${groups.join('; ')}.`,
    'Check their tags kubeadm-autopilot:cluster, and whether etcd is in sync everywhere.',
  );
}

export function movable(immovable: string[], cluster: string): Gate {
  const name = 'can-be-changed';
  if (immovable.length === 0)
    return passed(name, 'A running cluster can be given everything that the settings change.');
  return refused(
    name,
    `A running cluster cannot be given this: ${immovable.slice(0, 6).join('; ')}.`,
    `Correct the section kubernetes of clusters/${cluster}.yaml, or make a new cluster (fields of the kubelet: new nodes).`,
  );
}

/** A new certificate of the API server needs the key of the CA where it is made. */
export function canSign(nodes: ConfiguredNode[], needsCertificate: boolean): Gate[] {
  const without = nodes.filter(({ value }) => value.controlPlane && !value.controlPlane.canSign);
  if (!needsCertificate || without.length === 0) return [];
  return [
    refused(
      'can-sign',
      `certSANs change, which takes another certificate of the API server, and ${listNames(without.map((one) => one.name))} ${without.length === 1 ? 'has' : 'have'} no key of the CA.`,
      'Have the owner of the external CA sign new certificates, and leave certSANs as they are.',
    ),
  ];
}

/** Nothing that somebody changed by hand is lost without a word. */
export function manualChangesKept(lost: string[], overwrite: boolean, cluster: string): Gate {
  const name = 'manual-changes';
  if (lost.length === 0) return passed(name, 'Nobody changed a file by hand that would be replaced.');
  const what = `${lost.slice(0, 8).join('; ')}${lost.length > 8 ? `; and ${lost.length - 8} more` : ''}`;
  if (overwrite)
    return { name, passed: true, reason: `Changes made by hand are replaced, as was asked: ${what}.`, warning: true };
  return refused(
    name,
    `Changes made by hand would be lost: ${what}.`,
    `Write them into the section kubernetes of clusters/${cluster}.yaml and deploy, or start with "overwrite": true to lose them.`,
  );
}
