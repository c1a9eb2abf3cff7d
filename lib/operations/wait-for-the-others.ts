import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { NodesReady } from '../../lambdas/contracts/node-steps';
import type { RemovalPlan } from '../../lambdas/contracts/remove';
import type { ForgottenNode } from '../../lambdas/contracts/remove-steps';
import { set } from '../foundation/assign';
import type { Expression, Variable } from '../foundation/expressions';
import { condition, expression, jsonata, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { branchOf, phase } from '../phases/chaining';

export interface WaitForTheOthersProps {
  runOnNodes: RunOnNodes;
  cluster: Expression<string>;
  plan: Variable<RemovalPlan>;
  forgotten: Variable<ForgottenNode>;
}

const ready = variable<NodesReady>('ready');

/** Those that stay are as well as they were before: every node is Ready, and etcd is whole. Fails with NodeNotReady. */
export function waitForTheOthers(
  scope: Construct,
  { runOnNodes, cluster, plan, forgotten }: WaitForTheOthersProps,
): Chain {
  const wait = runOnNodesTask(scope, 'Wait until the others are Ready', runOnNodes, {
    step: 'wait-for-nodes',
    nodes: plan.on,
    parameters: { Nodes: 'all', Absent: expression<string>`$string(${plan.notReady})` },
    assign: [set(ready, expression<NodesReady>`${nodeResults}[0].result`)],
  });
  const areWell = Choice.jsonata(scope, 'Are the others well?').otherwise(
    Fail.jsonata(scope, 'Others are not well', {
      error: 'NodeNotReady',
      cause: jsonata(
        expression`${plan.target.name} & " was removed from " & ${cluster} & ", and those that stay are not well: " & ($count(${ready.notReady}) > ${plan.notReady} ? "not Ready are " & $join(${ready.notReady}[[0..4]], ", ") : ${forgotten.etcdReason}) & ": see kubelet, container runtime and etcd there; there is nothing left to remove."`,
      ),
    }),
  );
  const isWell = condition(
    expression`$count(${ready.notReady}) <= ${plan.notReady} and ($not($exists(${forgotten.etcdReason})) or ${plan.unhealthyMembers} > 0)`,
  );
  wait.next(areWell);
  return phase(wait, branchOf(areWell, isWell));
}
