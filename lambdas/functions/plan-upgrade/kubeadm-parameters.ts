import type { Hop } from '../../contracts/upgrade';
import { coreDnsProblems } from '../../domain/upgrade/core-dns';
import { hazardsOf } from '../../domain/hazards/hazards';
import { certificatesThatLose, withNewerEtcd } from '../../domain/upgrade/certificates';
import type { UpgradeView } from '../../domain/upgrade/view';
import { minorOf } from '../../domain/versions/version';

const listed = (names: string[]) => (names.length > 0 ? [...new Set(names)].join(',') : 'none');

/**
 * How kubeadm is called in a hop. A check of kubeadm's is ignored where the same gate of ours says no and the cluster's settings except it:
 * without the exception the plan is refused, so nothing is ignored that nobody has allowed.
 * @param before the versions of the hops before
 */
export function kubeadmParameters(view: UpgradeView, before: string[], version: string): Hop['kubeadm'] {
  const ignored: string[] = [];
  const skipped: string[] = [];
  const onCgroupV1 = view.machines.some(({ value }) => value.machine.cgroup === 'v1');
  if (onCgroupV1 && hazardsOf(minorOf(version))?.refusesCgroupV1) ignored.push('SystemVerification');
  if (view.facts && !view.facts.createJob.ok) ignored.push('CreateJob');
  const coreDns = coreDnsProblems(view, before, version);
  if (coreDns.version) {
    // Ignored alone, the phase itself would fail, at the end of the last control plane.
    ignored.push('CoreDNSUnsupportedPlugins', 'CoreDNSMigration');
    skipped.push('addon/coredns');
  }
  if (coreDns.plugins.length > 0) ignored.push('CoreDNSUnsupportedPlugins');
  return {
    ignoreErrors: listed(ignored),
    renewCertificates: renewsAll(view, version) ? 'yes' : 'no',
    skipPhases: listed(skipped),
    kubeletServer: usesEndpoint(view) ? 'endpoint' : 'own',
  };
}

/** Only where another API server is behind the endpoint, and etcd is restarted with the control plane. */
function usesEndpoint({ controlPlanes, etcd, facts }: UpgradeView): boolean {
  return (
    controlPlanes.length > 1 &&
    etcd.topology === 'stacked' &&
    facts?.configuration.controlPlaneEndpoint !== undefined &&
    // Where somebody leads the kubelet elsewhere, that stays.
    controlPlanes.every(({ value }) => value.controlPlane.kubeletServer !== 'other')
  );
}

/** kubeadm renews all, or is told to renew none: then those that gain are renewed by name. */
function renewsAll(view: UpgradeView, version: string): boolean {
  const pin = view.etcd.topology === 'stacked' ? hazardsOf(minorOf(version))?.etcd.pin : undefined;
  return certificatesThatLose(view).length === 0 && withNewerEtcd(view.controlPlanes, pin).length === 0;
}
