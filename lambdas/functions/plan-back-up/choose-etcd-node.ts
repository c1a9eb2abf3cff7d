import type { ClusterNode, NamedInstance } from '../../contracts/node';
import { chooseMember } from '../../domain/etcd/choose-member';
import { viewEtcd } from '../../domain/etcd/majority';
import { byName, type ControlPlane } from '../../domain/nodes/answers';
import { listNames, shorten } from '../../domain/text/plain-text';

/** The node that saves etcd, or a reason why none can and what to do, each a sentence. */
export type EtcdNode = { node: NamedInstance } | { reason: string; whatToDo: string };

/** A healthy member of the control planes; of an external etcd a node that is one of ours: what is asked of it is a static pod. */
export function chooseEtcdNode(cluster: string, controlPlanes: ControlPlane[], etcdNodes: ClusterNode[]): EtcdNode {
  if (controlPlanes.length > 0 && viewEtcd(controlPlanes).topology === 'external')
    return ofExternal(cluster, etcdNodes);
  const node = chooseMember(controlPlanes);
  if (node) return { node };
  const reasons = controlPlanes.map(
    ({ name, value }) => `${name}: ${shorten(value.etcd.reason ?? 'no reason given', 150)}`,
  );
  return {
    reason: `No control plane of ${cluster} has a healthy member of etcd (${listNames(reasons, 3) || 'none answered'}), and a snapshot needs one.`,
    whatToDo: 'Repair etcd first, see "A dead cluster" in the runbook.',
  };
}

function ofExternal(cluster: string, etcdNodes: ClusterNode[]): EtcdNode {
  const chosen = etcdNodes.filter(({ unreachable }) => unreachable === undefined).sort(byName)[0];
  if (chosen) return { node: { instanceId: chosen.instanceId, name: chosen.name } };
  if (etcdNodes.length === 0)
    return {
      reason: `The etcd of ${cluster} is external, and no instance has the tags kubeadm-autopilot:cluster=${cluster} and kubeadm-autopilot:role=etcd.`,
      whatToDo: 'Tag its nodes, if kubeadm made them; otherwise back it up with the tools of whoever runs it.',
    };
  const reasons = etcdNodes.map(({ name, unreachable }) => `${name}: ${unreachable}`);
  return {
    reason: `The etcd of ${cluster} is external, and none of its nodes can be reached (${listNames(reasons, 3)}).`,
    whatToDo: 'Make one of them reachable through SSM first.',
  };
}
