import { Choice, Condition, Fail, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { jsonata } from '../foundation/jsonata';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { inspectControlPlanes } from './inspect-control-planes';
import { leaveLoadBalancer, returnToLoadBalancer } from './leave-load-balancer';

export interface RenewOneNodeProps {
  runOnNodes: RunOnNodes;
  assessGate: LambdaFunction;
  leaveLoadBalancer: LambdaFunction;
  returnToLoadBalancer: LambdaFunction;
}

const KUBECONFIGS = '$found.config.certificates.adminKubeconfigs';
/** The script's parameter: further copies of admin.conf. */
export const adminKubeconfigs = jsonata(`$count(${KUBECONFIGS}) = 0 ? "none" : $join(${KUBECONFIGS}, ",")`);
/** The script's parameter: renew also what was renewed within the hour, also to certificates that end earlier. */
export const force = jsonata('$found.options.force = true ? "yes" : "no"');
/** How often this execution has been redriven: a redrive may come days after the facts that the gate was passed with. */
const REDRIVES = '$states.context.Execution.RedriveCount';
/** The node, unless this execution has been redriven since the control planes were looked at. */
const NODE_JUST_CHECKED = `($checkedIn = ${REDRIVES} ? $node : $error("Redriven: look at the control planes again first"))`;

/**
 * What renew-certificates does for each step of its plan: look at all control planes, pass the gate, leave the load balancer, renew on
 * this one, return. Draining takes minutes, so after it the control planes are looked at and the gate is passed once more.
 * The state's input is the step; `$found` comes from outside; the output says what happened in the load balancer.
 *
 * A redrive begins at the state that was cut off, and by then the node has been put back into its load balancer: so leaving and renewing
 * refuse (their node cannot be evaluated) when the control planes were looked at before it; then it begins anew.
 */
export function renewOneNode(states: Construct, props: RenewOneNodeProps) {
  const check = inspectControlPlanes(states, 'Check the control planes', props.runOnNodes, {
    inventory: 'no',
    assignTo: 'facts',
    assign: { node: jsonata('$states.input'), checkedIn: jsonata(REDRIVES) },
  });
  const gate = passGate(states, 'Pass the gate for this node', props.assessGate);

  const renew = runOnNodesTask(states, 'Renew certificates on the node', props.runOnNodes, {
    step: 'renew-certificates',
    nodes: NODE_JUST_CHECKED,
    parameters: {
      Force: force,
      AdminKubeconfigs: adminKubeconfigs,
      Until: 'all',
    },
    lockOf: '$found.cluster',
  });
  const checkAgain = inspectControlPlanes(states, 'Check the control planes again', props.runOnNodes, {
    inventory: 'no',
    assignTo: 'facts',
  });
  const leave = leaveLoadBalancer(states, {
    leave: props.leaveLoadBalancer,
    operation: 'renew-certificates',
    node: NODE_JUST_CHECKED,
    then: renew,
    lookAgain: checkAgain.next(passGate(states, 'Pass the gate again', props.assessGate)).next(renew),
  });
  const done = Succeed.jsonata(states, 'This node is done', {
    outputs: { node: jsonata('$node.name'), said: jsonata('$turn.said') },
  });
  returnToLoadBalancer(states, { after: renew, comeBack: props.returnToLoadBalancer, then: done });

  const wasRedriven = Choice.jsonata(states, 'Was it redriven after that check?')
    .when(Condition.jsonata(jsonata(`$checkedIn < ${REDRIVES}`)), check)
    .otherwise(
      Fail.jsonata(states, 'The renewal cannot be put into words', {
        error: jsonata('$mistake.Error'),
        cause: jsonata('$mistake.Cause'),
      }),
    );
  for (const state of [leave, renew]) {
    state.addCatch(wasRedriven, {
      errors: ['States.QueryEvaluationError'],
      outputs: jsonata('$node'),
      assign: { mistake: jsonata('$states.errorOutput') },
    });
  }
  return check.next(gate).next(leave);
}

/** With `$facts` of just before. Fails with GateRefused. */
function passGate(states: Construct, name: string, assessGate: LambdaFunction) {
  return lambdaTask(states, name, {
    lambdaFunction: assessGate,
    payload: {
      cluster: jsonata('$found.cluster'),
      node: { instanceId: jsonata('$node.instanceId'), name: jsonata('$node.name') },
      controlPlanes: jsonata('[$found.reachable]'),
      facts: jsonata('$facts'),
    },
  });
}
