import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { ReconfigurationPlan, ReconfigurationTurn } from '../../lambdas/contracts/reconfigure';
import type { ReconfiguredKubelet } from '../../lambdas/contracts/reconfigure-steps';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import type { Payload, Variable } from '../foundation/expressions';
import { condition, expression, is, object, referTo, render, variable } from '../foundation/expressions';
import type { ClusterLock } from '../foundation/lock';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { branchOf, phase } from '../phases/chaining';
import { gatherFacts } from '../phases/gather-facts';
import { onlyIf } from '../phases/only-if';
import { outOfLoadBalancer } from '../phases/out-of-load-balancer';
import { passGate } from '../phases/pass-gate';
import { RedriveGuard } from '../phases/redrive-guard';
import { unlessStopped } from '../phases/unless-stopped';
import type { OperationFunctions } from './operation-functions';

export interface ReconfigureControlPlaneProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  found: Variable<FoundNodes<'reconfigure'>>;
  plan: Variable<ReconfigurationPlan>;
}

/** The output of a control plane's turn. */
export interface TurnEnded {
  node: string;
  /** false: somebody asked to stop before. */
  begun: boolean;
  changed: boolean;
}

const node = variable<ReconfigurationTurn>('node');
const facts = variable<NodeResult[]>('facts');
const turn = variable<LoadBalancerTurn>('turn');
const changed = variable<boolean>('changed');

/** What the node step said, in its `assign`. */
const saysChanged = expression<boolean>`${changed} or ${nodeResults}[0].result.${referTo<ReconfiguredKubelet>('changed')} = true`;

/**
 * One control plane: look at all of them, pass the gate, and give this one's static pods their configuration while it is out of its load balancer;
 * then its kubelet. Where nothing but the kubelet changes it stays in.
 */
export function reconfigureControlPlane(states: Construct, props: ReconfigureControlPlaneProps): IChainable {
  const { runOnNodes, found, plan } = props;
  const { cluster, config, reachable: controlPlanes } = found;
  const guard = new RedriveGuard({
    id: 'checked',
    again: 'look at the control planes again',
    question: 'Was it redriven after that check?',
    mistake: 'The reconfiguration cannot be put into words',
  });
  const inspect = { runOnNodes, controlPlanes, inventory: 'no', assignTo: facts } as const;
  const gate = {
    ...{ assessGate: props.assessGate, cluster, node, controlPlanes, facts },
    purpose: 'restart-static-pods',
  } as const;

  const check = gatherFacts(states, 'Check the control planes', {
    ...inspect,
    assign: [guard.note()],
  });
  const staticPods = runOnNodesTask(states, 'Reconfigure the static pods', runOnNodes, {
    step: 'reconfigure-control-plane',
    nodes: guard.unlessRedriven(node),
    parameters: { Patches: plan.parameters.controlPlanePatches },
    lockOf: cluster,
    assign: [set(changed, saysChanged)],
  });
  const outside = outOfLoadBalancer(states, {
    ...props,
    operation: 'reconfigure',
    ...{ cluster, config, node, turn },
    leavingNode: guard.unlessRedriven(node),
    lookAgain: gatherFacts(states, 'Check the control planes again', inspect).next(
      passGate(states, 'Pass the gate again', gate),
    ),
    act: staticPods,
  });
  const kubelet = runOnNodesTask(states, "Reconfigure the control plane's kubelet", runOnNodes, {
    step: 'reconfigure-kubelet',
    nodes: node,
    parameters: { Arguments: plan.parameters.kubeletArguments, Patches: plan.parameters.controlPlanePatches },
    lockOf: cluster,
    assign: [set(changed, saysChanged)],
  });
  const done = Succeed.jsonata(states, 'This control plane is done', {
    outputs: render({ node: node.name, begun: true, changed } satisfies Payload<TurnEnded>) as Record<string, unknown>,
  });
  const staticPodsChange = Choice.jsonata(states, 'Do its static pods change?');
  const isKubeletWanted = onlyIf(
    states,
    'Does its kubelet change?',
    expression<boolean>`${node.kubelet}`,
    phase(kubelet, kubelet),
  );

  guard.protect(states, [outside.leave, staticPods], check);
  const stay = branchOf(staticPodsChange, condition(is(node.staticPods, false)));
  staticPodsChange.otherwise(outside);
  const wholeTurn = phase(
    check.next(passGate(states, 'Pass the gate for this node', gate)).next(staticPodsChange),
    stay,
    ...outside.endStates,
  )
    .next(isKubeletWanted)
    .next(done);
  return unlessStopped(
    states,
    {
      ...{ table: props.lock.table, cluster, what: 'this control plane' },
      assign: [set(node, referTo('$states.input')), set(changed, false)],
      notBegun: object<TurnEnded>({ node: node.name, begun: expression`false`, changed: expression`false` }),
    },
    wholeTurn,
  );
}
