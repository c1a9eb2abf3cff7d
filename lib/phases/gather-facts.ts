import type { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';

export interface GatherFactsProps {
  runOnNodes: RunOnNodes;
  controlPlanes: Expression<Sequence<NamedInstance>>;
  /** Also list the certificates. */
  inventory: 'yes' | 'no';
  assignTo: Variable<NodeResult[]>;
  assign?: Assignment[];
}

/** Asks all control planes at once. One that does not answer is for the plan and the gates to judge. */
export function gatherFacts(
  scope: Construct,
  name: string,
  { runOnNodes, controlPlanes, inventory, ...variables }: GatherFactsProps,
): StepFunctionsStartExecution {
  return runOnNodesTask(scope, name, runOnNodes, {
    step: 'inspect-control-plane',
    nodes: controlPlanes,
    parameters: { Inventory: inventory },
    tolerateFailures: true,
    ...variables,
  });
}
