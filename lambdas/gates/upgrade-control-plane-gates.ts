import type { Gate } from '../contracts/plan';
import { passed, refused, warned } from '../domain/plan';
import { count, listNames, shorten } from '../domain/text/plain-text';
import type { UpgradeView } from '../domain/upgrade/view';
import { clusterUnknown } from './upgrade-node-gates';

/** A leader renews its lease every 2 s, and loses it after 15. */
const FRESH_SECONDS = 15;
/** Of kubeadm; with an external etcd there is no etcd.yaml. */
const MANIFESTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

export function controlPlanesHealthy({ controlPlanes }: UpgradeView): Gate {
  const name = 'control-planes-healthy';
  const ill = controlPlanes.flatMap(({ name: node, value }) =>
    value.controlPlane.components
      .filter(({ healthy }) => !healthy.ok)
      .map((one) => `${one.name} on ${node} (${shorten(one.healthy.reason ?? 'no reason given', 150)})`),
  );
  if (ill.length === 0) return passed(name, 'Every component of every control plane is healthy.');
  return refused(name, `Components are not healthy: ${listNames(ill, 3)}.`, 'Repair them first.');
}

/** While nobody leads, endpoints of a drained pod live on, and requests are lost. */
export function leasesFresh({ facts }: UpgradeView): Gate {
  const name = 'leases-fresh';
  if (!facts) return clusterUnknown(name);
  const stale = (
    [
      ['kube-controller-manager', facts.leases.controllerManager],
      ['kube-scheduler', facts.leases.scheduler],
    ] as const
  ).filter(([, age]) => age === undefined || age > FRESH_SECONDS);
  if (stale.length === 0) return passed(name, 'kube-controller-manager and kube-scheduler hold fresh leases.');
  const texts = stale.map(([who, age]) => (age === undefined ? `${who} has none` : `${who} renewed its ${age} s ago`));
  return refused(
    name,
    `Leases are not fresh: ${listNames(texts)}.`,
    'Wait a minute; if it stays so, look at the logs of the component.',
  );
}

/** kubeadm raises etcd first and then fails at a manifest that is missing; `upgrade node` looks at none. */
export function manifestsComplete({ controlPlanes }: UpgradeView): Gate {
  const name = 'manifests';
  const missing = controlPlanes.flatMap(({ name: node, value: { controlPlane } }) => {
    const wanted = controlPlane.etcd.topology === 'stacked' ? [...MANIFESTS, 'etcd'] : MANIFESTS;
    const there = controlPlane.components.flatMap(({ name: own, image }) => (image === undefined ? [] : own));
    return wanted.filter((own) => !(there as string[]).includes(own)).map((own) => `${own}.yaml on ${node}`);
  });
  if (missing.length > 0)
    return refused(
      name,
      `Manifests of static pods are missing: ${listNames(missing, 4)}.`,
      'Put them back: an upgrade that was cut off has left them in /etc/kubernetes/tmp. Take the one whose image is the version that runs elsewhere.',
    );
  const bare = controlPlanes.flatMap(({ name: node, value }) =>
    value.controlPlane.missingAnnotations.map((annotation) => `${annotation} on ${node}`),
  );
  if (bare.length > 0)
    return refused(
      name,
      `Manifests lack annotations by which kubeadm finds etcd and the API server: ${listNames(bare, 4)}.`,
      'Write them into the manifests as kubeadm does.',
    );
  return passed(name, 'Every control plane has all manifests.');
}

/** kubeadm waits for every pod with the label to run, also a finished backup, and rolls back after five minutes. */
export function strayPods({ facts }: UpgradeView): Gate {
  const name = 'stray-pods';
  if (!facts) return clusterUnknown(name);
  if (facts.strayPods.length > 0)
    return refused(
      name,
      `Pods in kube-system have the label of a control plane's component and are none: ${listNames(facts.strayPods, 4)}.`,
      'Delete them, or give them another value of the label "component".',
    );
  const doubled = Object.entries(facts.apiServers).filter(([, pods]) => pods !== 1);
  if (doubled.length > 0)
    return refused(
      name,
      `A node has more than one pod of kube-apiserver: ${listNames(doubled.map(([node, pods]) => `${node} ${pods}`))}.`,
      'Delete the one that is no static pod.',
    );
  return passed(name, 'Only static pods have the labels of the control plane.');
}

/** Where they differ kubeadm leaves CoreDNS and kube-proxy out, and says so in a line that nobody reads. */
export function apiServerImages({ controlPlanes }: UpgradeView): Gate {
  const name = 'api-server-images';
  const repositories = [
    ...new Set(
      controlPlanes.flatMap(({ value }) =>
        value.controlPlane.components
          .filter((one) => one.name === 'kube-apiserver' && one.image !== undefined)
          .map(({ image }) => (image ?? '').replace(/(@|:(?!.*[:/]))[^/]*$/, '')),
      ),
    ),
  ];
  if (repositories.length <= 1) return passed(name, 'All API servers have an image of the same repository.');
  return refused(
    name,
    `API servers have images of different repositories (${listNames(repositories, 3)}), so kubeadm would leave out CoreDNS and kube-proxy.`,
    'Give all of them the imageRepository of kubeadm-config.',
  );
}

export function apiReached({ machines }: UpgradeView): Gate {
  const name = 'endpoint';
  const not = machines.filter(({ value }) => !value.machine.endpoint.ok);
  if (not.length === 0) return passed(name, "Every node reaches the cluster's endpoint.");
  const [first] = not;
  return refused(
    name,
    `${listNames(not.map((one) => one.name))} cannot reach the cluster's endpoint (${shorten(first?.value.machine.endpoint.reason ?? 'no reason given', 200)}).`,
    'Check its name, the load balancer and the security groups.',
  );
}

/** Control planes put their snapshot there. */
export function bucketReached({ controlPlanes }: UpgradeView): Gate {
  const name = 'bucket';
  const asked = controlPlanes.filter(({ value }) => value.machine.bucket !== undefined);
  const not = asked.filter(({ value }) => !value.machine.bucket?.ok);
  if (asked.length === 0) return warned(name, 'Nobody was asked whether the operations bucket can be reached.');
  if (not.length === 0) return passed(name, 'Every control plane reaches the operations bucket.');
  const [first] = not;
  return refused(
    name,
    `${listNames(not.map((one) => one.name))} cannot reach the operations bucket (${shorten(first?.value.machine.bucket?.reason ?? 'no reason given', 200)}).`,
    'Check the way to S3: a gateway endpoint in the route table, or a proxy.',
  );
}

export function oneControlPlane({ controlPlanes }: UpgradeView): Gate {
  const name = 'availability';
  if (controlPlanes.length > 1)
    return passed(name, `${count(controlPlanes.length, 'control plane')}: the API stays available while one restarts.`);
  return warned(name, 'There is one control plane: the API is away for some minutes while it is upgraded.');
}
