import type { UpgradePlan } from '../../contracts/upgrade';
import { digest } from '../../domain/digest';
import type { UpgradeView } from '../../domain/upgrade/view';
import { componentVersion } from '../../domain/upgrade/view';

/**
 * Two plans of one digest do the same: over versions, nodes and roles, configuration, exceptions and what the gates answer. Who leads, leases,
 * free bytes, the forecast, the order and predictions change from minute to minute and do not count.
 */
export function upgradeDigest(
  view: UpgradeView,
  { operation, cluster, kind, decision, target, hops, gates, skipped }: Omit<UpgradePlan, 'digest'>,
): string {
  return digest({
    ...{ operation, cluster, kind, decision, target },
    nodes: view.nodes.map(({ instanceId, role, group }) => ({ instanceId, role, group })).sort(byId),
    skipped: skipped.map(({ name }) => name).sort(),
    versions: [
      ...view.machines.map(({ instanceId, value: { machine } }) => ({
        ...{ instanceId, kubeadm: machine.kubeadm, kubelet: machine.kubelet, kubectl: machine.kubectl },
      })),
      ...view.controlPlanes.map((node) => ({
        instanceId: `${node.instanceId} static pods`,
        apiServer: componentVersion(node, 'kube-apiserver'),
        controllerManager: componentVersion(node, 'kube-controller-manager'),
        scheduler: componentVersion(node, 'kube-scheduler'),
        etcd: node.value.controlPlane.etcd.version,
      })),
    ].sort(byId),
    configuration: view.facts?.configuration,
    settings: view.config.upgrade,
    hops: hops.map(({ version, kubeadm, kubeletsLast, raiseEtcd, controlPlanes, workers }) => ({
      ...{ version, kubeadm, kubeletsLast },
      raiseEtcd: raiseEtcd && {
        imageTag: raiseEtcd.imageTag,
        nodes: raiseEtcd.nodes.map((one) => one.instanceId).sort(),
      },
      turns: [...controlPlanes, ...workers.flatMap(({ nodes }) => nodes)]
        .map(({ instanceId, nodeName, done }) => ({ instanceId, nodeName, done }))
        .sort(byId),
    })),
    gates: gates.map(({ name, passed }) => ({ name, passed })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

const byId = (a: { instanceId: string }, b: { instanceId: string }) => (a.instanceId < b.instanceId ? -1 : 1);
