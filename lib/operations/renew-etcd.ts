import { Chain, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { RenewalPlan } from '../../lambdas/contracts/renewal';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { assignments, set } from '../foundation/assign';
import type { Sequence, Variable } from '../foundation/expressions';
import { expression, fieldsOf, referTo, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { etcdClient } from '../phases/etcd-client';
import { oneAtATime } from '../phases/one-at-a-time';
import { onlyIf } from '../phases/only-if';
import { force } from './renew-control-plane';

export interface RenewEtcdProps {
  runOnNodes: RunOnNodes;
  found: Variable<FoundNodes<'renew-certificates'>>;
  plan: Variable<RenewalPlan>;
}

const { unreachable } = fieldsOf<ClusterNode>();
const client = variable<NamedInstance>('etcdClient');

/**
 * An external etcd before the control planes: its members one after the other, each healthy again before the next; then every control plane that is
 * renewed gets a new certificate of etcd's client, which its API server reads at its next connection.
 */
export function renewEtcd(scope: Construct, { runOnNodes, found, plan }: RenewEtcdProps): Chain {
  const { cluster } = found;
  const members = oneAtATime(
    scope,
    'One member of etcd at a time',
    { items: plan.etcd },
    runOnNodesTask(scope, 'Renew certificates on the etcd node', runOnNodes, {
      step: 'renew-certificates',
      nodes: referTo<NamedInstance>('$states.input'),
      parameters: { Force: force(found), Until: 'all' },
      lockOf: cluster,
      outputs: expression`{}`,
    }),
  );
  const clients = oneAtATime(
    scope,
    "A new certificate of etcd's client for each control plane",
    { items: plan.steps },
    Pass.jsonata(scope, 'This control plane is the client', {
      assign: assignments([set(client, referTo<NamedInstance>('$states.input'))]),
    }).next(
      etcdClient(scope, {
        ...{ runOnNodes, lockOf: cluster, controlPlane: client },
        etcd: expression<NamedInstance>`${plan.etcd}[0]`,
      }),
    ),
  );
  return onlyIf(scope, 'Is etcd renewed, too?', expression<boolean>`$count(${plan.etcd}) > 0`, members.next(clients));
}

/** The certificates of the etcd nodes that answer; nothing where there are none. */
export function gatherEtcdFacts(
  scope: Construct,
  { runOnNodes, found, assignTo }: Omit<RenewEtcdProps, 'plan'> & { assignTo: Variable<NodeResult[]> },
): Chain {
  const etcdNodes = expression<Sequence<ClusterNode>>`${found.etcdNodes}[$not($exists(${unreachable}))]`;
  return onlyIf(
    scope,
    'Are there etcd nodes?',
    expression<boolean>`$count(${etcdNodes}) > 0`,
    Chain.start(
      runOnNodesTask(scope, 'Gather facts from the etcd nodes', runOnNodes, {
        step: 'check-certificates',
        nodes: etcdNodes,
        parameters: {},
        tolerateFailures: true,
        assignTo,
      }),
    ),
  );
}
