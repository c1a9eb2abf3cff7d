import type { Map } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import { set } from '../foundation/assign';
import type { Expression, Payload, Sequence, Variable } from '../foundation/expressions';
import { expression, fieldsOf, list, referTo } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { fiftyAtATime } from '../phases/fifty-at-a-time';

export interface GatherUpgradeFactsProps {
  runOnNodes: RunOnNodes;
  found: { reachable: Expression<Sequence<NamedInstance>>; workers: Expression<Sequence<ClusterNode>> };
  /** Whose repositories are asked. */
  version: Payload<string>;
  /** Default: all nodes that Run Command reaches. */
  only?: 'control-planes';
  assignTo: Variable<NodeResult[]>;
  assign?: Assignment[];
}

const { unreachable } = fieldsOf<ClusterNode>();

/**
 * Asks all nodes at once, and keeps where their answers are: in the executions that asked them. Those of hundreds of nodes do not fit into a state. One that
 * does not answer is for the plan and the gates to judge.
 */
export function askAllNodes(
  scope: Construct,
  name: string,
  {
    runOnNodes,
    found,
    version,
    assignTo,
    assign = [],
  }: Omit<GatherUpgradeFactsProps, 'only' | 'assignTo'> & { assignTo: Variable<string[]> },
): Map {
  return fiftyAtATime(
    scope,
    name,
    {
      nodes: everyone(found),
      assign: [set(assignTo, list(referTo<Sequence<string>>('$states.result'))), ...assign],
    },
    runOnNodesTask(scope, `${name}: fifty at a time`, runOnNodes, {
      step: 'inspect-for-upgrade',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: { Version: version },
      tolerateFailures: true,
      outputs: referTo('$states.result.ExecutionArn'),
    }),
  );
}

const everyone = (found: GatherUpgradeFactsProps['found']) =>
  expression<Sequence<NamedInstance>>`$append(${found.reachable}, ${found.workers}[$not($exists(${unreachable}))])`;

/** Asks all nodes at once. One that does not answer is for the plan and the gates to judge. */
export function gatherUpgradeFacts(
  scope: Construct,
  name: string,
  { runOnNodes, found, version, only, assignTo, assign = [] }: GatherUpgradeFactsProps,
): Map {
  return fiftyAtATime(
    scope,
    name,
    {
      nodes: only ? found.reachable : everyone(found),
      assign: [set(assignTo, list(expression<Sequence<NodeResult>>`$reduce($states.result, $append, [])`)), ...assign],
    },
    runOnNodesTask(scope, `${name}: fifty at a time`, runOnNodes, {
      step: 'inspect-for-upgrade',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: { Version: version },
      tolerateFailures: true,
      outputs: nodeResults,
    }),
  );
}
