import type { Map } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CreatePlan } from '../../lambdas/contracts/create';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Variable } from '../foundation/expressions';
import { expression, referTo } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { fiftyAtATime } from '../phases/fifty-at-a-time';

export interface PrepareMachinesProps {
  runOnNodes: RunOnNodes;
  plan: Variable<CreatePlan>;
  held: Variable<OperationLock>;
}

/** Kernel, container runtime and packages of Kubernetes on all machines that become nodes or run etcd, at once. */
export const prepareMachines = (scope: Construct, { runOnNodes, plan, held }: PrepareMachinesProps): Map =>
  fiftyAtATime(
    scope,
    'Prepare all machines',
    {
      nodes: plan.toPrepare,
    },
    runOnNodesTask(scope, 'Prepare fifty at a time', runOnNodes, {
      step: 'prepare-node',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {
        Version: plan.version,
        Packages: plan.prepare.packages,
        CgroupDriver: plan.prepare.cgroupDriver,
        Swap: plan.prepare.swap,
        Runtime: plan.prepare.runtime,
        RuntimePackages: plan.prepare.runtimePackages,
      },
      lock: held,
      outputs: expression`{}`,
    }),
  );
