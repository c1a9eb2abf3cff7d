import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { NodeResult, OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Hop, UpgradeTurn } from '../../lambdas/contracts/upgrade';
import type { TurnOutcome } from '../../lambdas/contracts/upgrade-outcomes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Payload, Variable } from '../foundation/expressions';
import { condition, expression, is, referTo, render, variable } from '../foundation/expressions';
import type { ClusterLock } from '../foundation/lock';
import { readStopRequest } from '../foundation/stop-request';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { branchOf, phase } from '../phases/chaining';
import { gatherFacts } from '../phases/gather-facts';
import { outOfLoadBalancer } from '../phases/out-of-load-balancer';
import { passGate } from '../phases/pass-gate';
import { RedriveGuard } from '../phases/redrive-guard';
import type { StepSeconds } from '../phases/time-steps';
import type { OperationFunctions } from './operation-functions';
import { kubeconfigParameters } from './renew-control-plane';
import { skippedOrNot, upgradeNode } from './upgrade-node';

export interface UpgradeControlPlaneProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  found: Variable<FoundNodes<'upgrade'>>;
  hop: Variable<Hop>;
  /** That this execution holds the lock. */
  held: Variable<OperationLock>;
}

/**
 * The turn of a control plane. Of its parts only etcd, where its member is raised before the minor, or only kubeadm's, where kubelets follow after
 * all API servers.
 */
export type ControlPlaneTurn = UpgradeTurn & { only: 'etcd' | 'kubeadm' | 'nothing' };

const node = variable<ControlPlaneTurn>('node');
const facts = variable<NodeResult[]>('facts');
const turn = variable<LoadBalancerTurn>('turn');
const seconds = variable<StepSeconds>('seconds');
const givenUp = variable<string>('givenUp');
const stopFor = variable<string>('stopFor');

/**
 * One control plane of a minor, whole in one turn: look at all control planes, pass the gate, and upgrade this one while it is out of its
 * load balancer. Its input is the turn, its output what became of it. Nothing is begun once somebody has asked to stop.
 */
export function upgradeControlPlane(states: Construct, props: UpgradeControlPlaneProps): IChainable {
  const { found, hop, held } = props;
  const { cluster, config, reachable: controlPlanes } = found;
  const guard = new RedriveGuard({
    id: 'checked',
    again: 'look at the control planes again',
    question: 'Was it redriven after that check?',
    mistake: 'The upgrade cannot be put into words',
  });
  const inspect = { runOnNodes: props.runOnNodes, controlPlanes, inventory: 'no', assignTo: facts } as const;
  const gate = {
    ...{ assessGate: props.assessGate, cluster, node, controlPlanes, facts },
    purpose: 'upgrade-control-plane',
  } as const;

  const isStopWanted = readStopRequest(states, 'Read whether to stop', {
    ...{ table: props.lock.table, cluster, assignTo: stopFor },
    assign: [set(node, referTo<ControlPlaneTurn>('$states.input')), set(seconds, {}), set(givenUp, expression`""`)],
  });
  const goOn = Choice.jsonata(states, 'Go on with this control plane?');
  const notBegun = ended(states, 'This control plane is not begun', { outcome: 'not-begun', seconds: {} });
  const check = gatherFacts(states, 'Check the control planes', { ...inspect, assign: [guard.note()] });

  const upgrade = upgradeNode(states, {
    ...props,
    ...{ turn: node, hop, on: node, lock: held, settings: config.upgrade, seconds, givenUp },
    parts: {
      onlyEtcd: is(node.only, 'etcd'),
      imageTag: hop.raiseEtcd.imageTag,
      onlyKubeadm: is(node.only, 'kubeadm'),
      kubeconfigs: kubeconfigParameters(found),
    },
    guarded: (value) => guard.unlessRedriven(value),
  });
  const outside = outOfLoadBalancer(states, {
    ...props,
    operation: 'upgrade',
    ...{ cluster, config, node, turn },
    leavingNode: guard.unlessRedriven(node),
    lookAgain: gatherFacts(states, 'Check the control planes again', inspect).next(
      passGate(states, 'Pass the gate again', gate),
    ),
    act: phase(upgrade.start, upgrade.upgraded, upgrade.skipped, ...upgrade.prepared),
  });
  const done = ended(states, 'This control plane is done', {
    outcome: skippedOrNot(givenUp),
    seconds,
    said: expression`${turn.said} & (${givenUp} = "" ? "" : "; its drain was given up: " & ${givenUp})`,
  });

  guard.protect(states, [outside.leave, ...upgrade.changing], check);
  const unlessStopped = condition(expression`${stopFor} != ${context.Execution.Id}`);
  isStopWanted.next(goOn.otherwise(notBegun));
  return phase(isStopWanted, branchOf(goOn, unlessStopped))
    .next(check)
    .next(passGate(states, 'Pass the gate for this node', gate))
    .next(outside)
    .next(done);
}

const ended = (states: Construct, name: string, outcome: Omit<Payload<TurnOutcome>, 'node'>) =>
  Succeed.jsonata(states, name, { outputs: render({ node: node.name, ...outcome }) as Record<string, unknown> });
