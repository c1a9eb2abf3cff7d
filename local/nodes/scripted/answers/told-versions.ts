import type { CertificateInventory } from '../../../../lambdas/contracts/node-steps';
import type { ClusterModel } from '../cluster-model';
import type { NodeModel } from '../node-model';

/** What check-certificates.sh asks the API server of its node, where that answers. */
export function toldVersions(node: NodeModel, cluster: ClusterModel): Pick<CertificateInventory, 'kubernetes'> {
  if (node.versions.staticPods === undefined || !cluster.apiServes(node)) return {};
  const kubelets = Map.groupBy(cluster.joined, ({ versions }) => versions.kubelet);
  return {
    kubernetes: {
      apiServer: node.versions.staticPods,
      kubelets: [...kubelets].map(([version, nodes]) => ({
        ...{ version, nodes: nodes.length },
        names: nodes.slice(0, 3).map(({ name }) => name),
      })),
    },
  };
}
