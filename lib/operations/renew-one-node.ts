import { Choice, Condition, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { jsonata } from '../jsonata';
import type { LambdaFunction } from '../lambda-function';
import { lambdaTask } from '../lambda-task';
import type { RunOnNodes } from '../run-on-nodes/run-on-nodes';
import { runOnNodesTask } from '../run-on-nodes/run-on-nodes-task';
import { inspectControlPlanes } from './inspect-control-planes';

const KUBECONFIGS = '$found.config.certificates.adminKubeconfigs';
/** How often this execution has been redriven: a redrive may come days after the facts that the gate was passed with. */
const REDRIVES = '$states.context.Execution.RedriveCount';

/**
 * What renew-certificates does for each step of its plan: look at all control planes, pass the gate, renew on this one.
 * The state's input is the step; `$found` comes from outside. A redrive begins at the state that was cut off, so the renewal refuses
 * (its nodes cannot be evaluated) when the control planes were looked at before it; then they are looked at again.
 */
export function renewOneNode(
  states: Construct,
  { runOnNodes, assessGate }: { runOnNodes: RunOnNodes; assessGate: LambdaFunction },
) {
  const check = inspectControlPlanes(states, 'Check the control planes', runOnNodes, {
    inventory: 'no',
    assignTo: 'facts',
    assign: { node: jsonata('$states.input'), checkedIn: jsonata(REDRIVES) },
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
    nodes: `($checkedIn = ${REDRIVES} ? $node : $error("Redriven: look at the control planes again first"))`,
    parameters: {
      Force: jsonata('$found.options.force = true ? "yes" : "no"'),
      AdminKubeconfigs: jsonata(`$count(${KUBECONFIGS}) = 0 ? "none" : $join(${KUBECONFIGS}, ",")`),
    },
    lockOf: '$found.cluster',
  });
  const wasRedriven = Choice.jsonata(states, 'Was it redriven after that check?');
  const mistake = Fail.jsonata(states, 'The renewal cannot be put into words', {
    error: jsonata('$mistake.Error'),
    cause: jsonata('$mistake.Cause'),
  });
  renew.addCatch(wasRedriven.when(Condition.jsonata(jsonata(`$checkedIn < ${REDRIVES}`)), check).otherwise(mistake), {
    errors: ['States.QueryEvaluationError'],
    outputs: jsonata('$node'),
    assign: { mistake: jsonata('$states.errorOutput') },
  });
  return check.next(gate).next(renew);
}
