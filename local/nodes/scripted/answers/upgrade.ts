import type {
  DrainedNode,
  RaisedEtcd,
  StagedUpgrade,
  UncordonedNode,
  UpgradedKubeadm,
  UpgradedKubelet,
} from '../../../../lambdas/contracts/upgrade-steps';
import type { ScriptOutcome } from '../../node';
import { KUBEADMS, newCertificate, YEAR_MS } from '../certificates';
import type { ClusterModel } from '../cluster-model';
import { etcdOf } from '../kubernetes-model';
import type { NodeModel } from '../node-model';
import { done, failure } from '../outcomes';
import type { StepCall } from './step-call';

const answer = <Result extends object>(result: Result): ScriptOutcome => done(result);
const version = ({ parameters }: StepCall) => parameters['Version'] ?? '';

/** stage-upgrade.sh */
export function stageUpgrade(call: StepCall): ScriptOutcome {
  const { node } = call;
  const changed = !node.staged.has(version(call));
  node.staged.add(version(call));
  return answer<StagedUpgrade>({ node: node.name, changed, version: version(call), images: [] });
}

/** raise-etcd.sh */
export function raiseEtcd({ node, parameters }: StepCall): ScriptOutcome {
  const wanted = parameters['ImageTag']!.split('-')[0]!;
  const changed = node.etcdVersion !== wanted;
  node.etcdVersion = wanted;
  return answer<RaisedEtcd>({ node: node.name, changed, image: `registry.k8s.io/etcd:${parameters['ImageTag']}` });
}

/** upgrade-kubeadm.sh */
export function upgradeKubeadm(call: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { node, parameters } = call;
  const target = version(call);
  const { versions } = node;
  if (!node.staged.has(target)) return failure('install kubeadm', `The packages of ${target} are not here.`, 'refused');
  if (versions.staticPods !== undefined && parameters['Command'] === 'node' && cluster.kubernetes.version !== target)
    return failure('kubeadm upgrade node', `kubeadm-config is still at ${cluster.kubernetes.version}.`);
  const changed = versions.kubeadm !== target || (versions.staticPods ?? target) !== target;
  versions.kubeadm = target;
  if (versions.staticPods !== undefined) {
    if (changed && parameters['RenewCertificates'] !== 'no')
      for (const { name } of KUBEADMS) node.certificates.set(name, newCertificate(YEAR_MS));
    versions.staticPods = target;
    node.etcdVersion = etcdOf(target) ?? node.etcdVersion;
    if (parameters['Command'] === 'apply') cluster.kubernetes.version = target;
    if (cluster.controlPlanes.every((one) => one.versions.staticPods === target)) upgradeAddons(cluster, target);
  }
  return answer<UpgradedKubeadm>({
    ...{ node: node.name, changed, version: target, images: {} },
    seconds: changed ? { kubeadm: 1 } : {},
    ...(!changed && { reason: `It is at ${target} already.` }),
  });
}

/** kubeadm does so with the last control plane. */
function upgradeAddons(cluster: ClusterModel, version: string): void {
  cluster.kubernetes.addonsVersion = version;
}

/** drain-node.sh */
export function drainNode({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { Node: target = '', Force: force } = parameters;
  const { kubernetes } = cluster;
  const takers = cluster.nodes.filter((one) => one.role === 'worker' && cluster.isReady(one)).map(({ name }) => name);
  const cordonedBefore = kubernetes.cordoned.get(target) === 'other';
  const { evicted, left } = kubernetes.drain(target, takers, force === 'yes');
  return answer<DrainedNode>({
    ...{ node: node.name, target, drained: left.length === 0, cordonedBefore, evicted: evicted.length },
    blockedBy: left.map(({ name, budget }) => ({
      ...{ pod: name, ...(budget !== undefined && { budget }) },
      reason: 'Cannot evict pod as it would violate the disruption budget.',
    })),
  });
}

/** upgrade-kubelet.sh */
export function upgradeKubelet(call: StepCall): ScriptOutcome {
  const { node } = call;
  const changed = node.versions.kubelet !== version(call);
  node.versions.kubelet = version(call);
  return answer<UpgradedKubelet>({ node: node.name, changed, version: version(call) });
}

/** uncordon-node.sh */
export function uncordonNode({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { Node: name = '', Version: wanted } = parameters;
  const target: NodeModel | undefined = cluster.nodes.find((one) => one.name === name);
  if (!target) return failure('read the node', `The cluster has no node ${name}.`);
  const { kubelet } = target.versions;
  const reason = !cluster.isReady(target)
    ? 'its condition Ready is False'
    : wanted !== 'none' && kubelet !== wanted
      ? `its kubelet is ${kubelet}, expected ${wanted}`
      : undefined;
  const uncordons = reason === undefined || wanted === 'none';
  return answer<UncordonedNode>({
    ...{ node: node.name, target: name, ready: reason === undefined, version: kubelet },
    uncordoned: uncordons && cluster.kubernetes.uncordon(name),
    ...(reason !== undefined && { reason }),
  });
}
