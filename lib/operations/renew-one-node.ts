import type { Construct } from 'constructs';
import { jsonata } from '../jsonata';
import type { LambdaFunction } from '../lambda-function';
import { lambdaTask } from '../lambda-task';
import type { RunOnNodes } from '../run-on-nodes/run-on-nodes';
import { runOnNodesTask } from '../run-on-nodes/run-on-nodes-task';
import { inspectControlPlanes } from './inspect-control-planes';

const KUBECONFIGS = '$found.config.certificates.adminKubeconfigs';

/**
 * What renew-certificates does for each step of its plan: look at all control planes, pass the gate, renew on this one.
 * The state's input is the step; `$found` comes from outside.
 */
export function renewOneNode(
  states: Construct,
  { runOnNodes, assessGate }: { runOnNodes: RunOnNodes; assessGate: LambdaFunction },
) {
  const check = inspectControlPlanes(states, 'Check the control planes', runOnNodes, {
    inventory: 'no',
    assignTo: 'facts',
    assign: { node: jsonata('$states.input') },
  });
  const gate = lambdaTask(states, 'Pass the gate for this node', {
    lambdaFunction: assessGate,
    payload: {
      cluster: jsonata('$found.cluster'),
      node: { instanceId: jsonata('$node.instanceId'), name: jsonata('$node.name') },
      controlPlanes: jsonata('[$found.controlPlanes]'),
      facts: jsonata('$facts'),
    },
  });
  const renew = runOnNodesTask(states, 'Renew certificates on the node', runOnNodes, {
    step: 'renew-certificates',
    nodes: '$node',
    parameters: {
      Force: jsonata('$found.options.force = true ? "yes" : "no"'),
      AdminKubeconfigs: jsonata(`$count(${KUBECONFIGS}) = 0 ? "none" : $join(${KUBECONFIGS}, ",")`),
    },
    lockOf: '$found.cluster',
  });
  return check.next(gate).next(renew);
}
