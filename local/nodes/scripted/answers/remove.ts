import type { ForgottenNode, ResetNode } from '../../../../lambdas/contracts/remove-steps';
import type { ScriptOutcome } from '../../node';
import type { ClusterModel } from '../cluster-model';
import type { NodeModel } from '../node-model';
import { done, failure } from '../outcomes';
import type { StepCall } from './step-call';

/** reset-node.sh */
export function resetNode({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { Node: name = '', LeaveEtcd: leaves } = parameters;
  const { etcd } = cluster;
  if (leaves === 'yes') {
    if (etcd.members.length === 1)
      return failure('leave etcd', 'The etcd member of this node is the only one that votes.', 'refused');
    etcd.remove(etcd.idOf(node));
  }
  const changed = node.membership !== 'none';
  if (node.membership === 'joined') node.nodeObject = 'stays';
  node.membership = 'none';
  const answer: ResetNode = { node: name, changed, warnings: [] };
  return done(answer);
}

/** forget-node.sh */
export function forgetNode({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const { Node: name = '', Member: member = 'none' } = parameters;
  const { etcd, kubernetes } = cluster;
  if (!etcd.works(node))
    return failure('remove the etcd member', 'The etcd member of this node does not tell the members within 150 s.');
  const wasMember = member !== 'none' && etcd.remove(member);
  const target: NodeModel | undefined = cluster.joined.find((one) => one.name === name);
  if (target) target.nodeObject = 'deleted';
  kubernetes.cordoned.delete(name);
  const ill = etcd.members.find((one) => !etcd.works(one));
  const answer: ForgottenNode = {
    ...{ node: node.name, target: name, changed: wasMember || target !== undefined },
    etcdMembers: etcd.members.length,
    ...(ill && { etcdReason: `the etcd member ${ill.name} is not healthy` }),
  };
  return done(answer);
}
