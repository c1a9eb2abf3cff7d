import type { Gate } from '../contracts/plan';
import { passed, refused, warned } from '../domain/plan';
import { listNames } from '../domain/text/plain-text';
import { coreDnsProblems } from '../domain/upgrade/core-dns';
import type { UpgradeView } from '../domain/upgrade/view';
import { clusterUnknown } from './upgrade-node-gates';

// CoreDNS and kube-proxy, which the last control plane's kubeadm upgrades.

/** Such a version fails the last control plane's command at its end, whatever errors are ignored before. */
export function coreDnsVersion(view: UpgradeView, hops: string[]): Gate {
  const name = 'coredns-version';
  if (!view.facts) return clusterUnknown(name);
  const refusing = hops
    .map((hop, index) => ({ hop, found: coreDnsProblems(view, hops.slice(0, index), hop).version }))
    .find(({ found }) => found !== undefined);
  if (!refusing) return passed(name, 'kubeadm knows the version of CoreDNS.');
  return refused(
    name,
    `kubeadm of ${refusing.hop} does not know CoreDNS ${refusing.found}, so it would fail at its end.`,
    'Set its image back to a version that it knows, or except this gate: CoreDNS is then left as it is.',
  );
}

export function coreDnsPlugins(view: UpgradeView, hops: string[]): Gate {
  const name = 'coredns-plugins';
  if (!view.facts) return clusterUnknown(name);
  const unknown = [...new Set(hops.flatMap((hop, index) => coreDnsProblems(view, hops.slice(0, index), hop).plugins))];
  if (unknown.length === 0) return passed(name, "kubeadm knows every plugin of CoreDNS's Corefile.");
  return refused(
    name,
    `CoreDNS's Corefile has plugins that kubeadm does not know: ${listNames(unknown)}.`,
    'See that the new CoreDNS takes them, then except this gate: the Corefile stays as it is.',
  );
}

export function coreDnsDeployments({ facts }: UpgradeView): Gate {
  const name = 'coredns-deployments';
  if (!facts) return clusterUnknown(name);
  const { deployments } = facts.coreDns;
  if (deployments.length > 1)
    return refused(
      name,
      `kube-system has several Deployments with the label k8s-app=kube-dns (${listNames(deployments.map((one) => one.name))}), and kubeadm refuses to choose.`,
      'Give all but one another label.',
    );
  const [only] = deployments;
  if (!only) return warned(name, 'There is no CoreDNS of kubeadm here: whoever brings DNS upgrades it.');
  if (only.ready < only.desired)
    return refused(name, `Of CoreDNS ${only.ready} of ${only.desired} pods are ready.`, 'Repair it first.');
  return passed(name, 'CoreDNS is ready.');
}

export function kubeProxy({ facts }: UpgradeView): Gate {
  const name = 'kube-proxy';
  if (!facts) return clusterUnknown(name);
  const { daemonSet, configMap, desired = 0, ready = 0, mode } = facts.kubeProxy;
  const disabled = facts.configuration.proxyDisabled ?? false;
  if (!daemonSet && !disabled)
    return refused(
      name,
      'kube-proxy was removed from this cluster and kubeadm would bring it back, beside whatever replaces it.',
      'Set "proxy: {disabled: true}" in the ClusterConfiguration of kubeadm-config.',
    );
  if (!daemonSet) return passed(name, 'kube-proxy is disabled, and stays so.');
  if (ready < desired)
    return refused(
      name,
      `kube-proxy is ready on ${ready} of ${desired} nodes, so the others would not hear of a pod that moves.`,
      'Repair it first.',
    );
  if (!configMap) return warned(name, 'kube-proxy has no ConfigMap of kubeadm: it gets the default configuration.');
  if (mode === 'ipvs') return warned(name, "kube-proxy's mode ipvs is deprecated since 1.35: move to nftables.");
  return passed(name, 'kube-proxy is ready on every node.');
}
