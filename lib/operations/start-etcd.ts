import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CreatePlan } from '../../lambdas/contracts/create';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Variable } from '../foundation/expressions';
import { expression } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { etcdClient } from '../phases/etcd-client';
import { onlyIf } from '../phases/only-if';

export interface StartEtcdProps {
  runOnNodes: RunOnNodes;
  plan: Variable<CreatePlan>;
  held: Variable<OperationLock>;
}

/** Where the cluster has a machine of role etcd: etcd runs there, and the first control plane is known to it, before the cluster begins. */
export function startEtcd(scope: Construct, { runOnNodes, plan, held }: StartEtcdProps): Chain {
  const etcd = expression<NamedInstance>`${plan.etcd}[0]`;
  const start = runOnNodesTask(scope, 'Start etcd', runOnNodes, {
    step: 'start-etcd',
    nodes: etcd,
    parameters: {
      Version: plan.version,
      Configuration: plan.configuration.etcd,
      Kubelet: plan.configuration.etcdKubelet,
    },
    lock: held,
  });
  const client = etcdClient(scope, {
    ...{ runOnNodes, etcd, lock: held },
    controlPlane: expression<NamedInstance>`${plan.first}`,
  });
  return onlyIf(
    scope,
    'Is there a machine for etcd?',
    expression<boolean>`$count(${plan.etcd}) > 0`,
    start.next(client),
  );
}
