import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import { set } from '../foundation/assign';
import type { Sequence, Variable } from '../foundation/expressions';
import { expression, fieldsOf, list, referTo } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { phase } from '../phases/chaining';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { gatherUpgradeFacts } from './upgrade-facts';

export interface LookForRemovalProps {
  runOnNodes: RunOnNodes;
  found: Variable<FoundNodes<'remove-node'>>;
  /** Takes what all nodes say. */
  facts: Variable<NodeResult[]>;
  /** Takes what the node itself says as a machine; nothing where Run Command does not reach it. */
  machine: Variable<NodeResult[]>;
  /** Names of the two looks. */
  name: string;
  nodeName: string;
  assign?: Assignment[];
}

const { instanceId, name, unreachable } = fieldsOf<ClusterNode>();

/** Looks at all nodes, and at the machine of the one that leaves: whether it is a node any more, it alone can tell. */
export function lookForRemoval(scope: Construct, props: LookForRemovalProps): Chain {
  const { runOnNodes, found } = props;
  const everybody = gatherUpgradeFacts(scope, props.name, {
    ...{ runOnNodes, found, version: 'none', assignTo: props.facts, assign: props.assign },
  });
  const { node } = found.options;
  const itself = fiftyAtATime(
    scope,
    props.nodeName,
    {
      nodes: expression<
        Sequence<NamedInstance>
      >`$append(${found.controlPlanes}, ${found.workers})[(${instanceId} = ${node} or ${name} = ${node}) and $not($exists(${unreachable}))]`,
      assign: [set(props.machine, list(expression<Sequence<NodeResult>>`$reduce($states.result, $append, [])`))],
    },
    runOnNodesTask(scope, `${props.nodeName}: ask it`, runOnNodes, {
      step: 'preflight',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {
        ...{ Endpoint: 'none', EtcdEndpoints: 'none', EtcdFiles: 'none' },
        // It leaves.
        ...{ ControlPlanes: 'none', Workers: 'none' },
      },
      tolerateFailures: true,
      outputs: nodeResults,
    }),
  );
  return phase(everybody.next(itself), itself);
}
