import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Fail, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import { EVENT, type NodeRemovedDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { DeregisteredNode, RemovalPlan, RemovalReport } from '../../lambdas/contracts/remove';
import type { ForgottenNode, ResetNode } from '../../lambdas/contracts/remove-steps';
import type { NodeResult, OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { atWork } from '../foundation/at-work';
import { context } from '../foundation/context';
import { expression, is, jsonata, list, object, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { actOnPlan } from '../phases/act-on-plan';
import { approval, withApproval } from '../phases/approval';
import { otherwiseOf, phase } from '../phases/chaining';
import { drainNode } from '../phases/drain';
import { findNodes } from '../phases/find-nodes';
import { gatherFacts } from '../phases/gather-facts';
import { onlyIf } from '../phases/only-if';
import { leaveLoadBalancer } from '../phases/out-of-load-balancer';
import { passGate } from '../phases/pass-gate';
import { RedriveGuard } from '../phases/redrive-guard';
import { tellBus } from '../phases/tell';
import type { StepSeconds } from '../phases/time-steps';
import { withLock } from '../phases/with-lock';
import type { OperationFunctions } from './operation-functions';
import type { RemoveFunctions } from './remove-functions';
import { mayStillLeave } from './may-still-leave';
import { lookForRemoval } from './removal-facts';
import { waitForTheOthers } from './wait-for-the-others';

export interface RemoveNodeProps extends OperationFunctions, RemoveFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
}

const found = variable<FoundNodes<'remove-node'>>('found');
const facts = variable<NodeResult[]>('facts');
const machine = variable<NodeResult[]>('machine');
const plan = variable<RemovalPlan>('plan');
const approved = variable<GivenApproval>('approval');
/** Digest of the plan whose gates have passed, before the lock was held. */
const agreed = variable<string>('agreed');
const held = variable<OperationLock>('held');
const turn = variable<LoadBalancerTurn>('turn');
const seconds = variable<StepSeconds>('seconds');
const givenUp = variable<string>('givenUp');
const warnings = variable<string[]>('warnings');
const forgotten = variable<ForgottenNode>('forgotten');
const deregistered = variable<DeregisteredNode>('deregistered');

/**
 * Drains one node and takes it out of its cluster for good: its etcd member, its Node, its targets; its machine is reset. Of a dead node the cluster
 * is cleaned up. Nothing changes before the plan's gates have passed. Started again, or redriven, it goes on. Input: OperationInput; output:
 * RemovalReport.
 */
export class RemoveNode extends Operation {
  constructor(scope: Construct, id: string, props: RemoveNodeProps) {
    super(scope, id, {
      operation: 'remove-node',
      comment: 'Drains one node and takes it out of its cluster for good',
      // Two drains of an hour, each tried twice, and what comes around them; three days may be spent on waiting for approval.
      timeout: Duration.hours(78),
      ...props,
      functions: [
        ...[props.findNodes, props.planRemoval, props.takeOverLock, props.assessGate],
        ...[props.requestApproval, props.awaitApproval],
        ...[props.leaveLoadBalancer, props.deregisterNode],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: RemoveNodeProps) {
  const { runOnNodes, eventBus } = props;
  const operation = 'remove-node';
  const { cluster, config, options } = found;
  const { target, on, parts } = plan;
  const guard = new RedriveGuard({
    id: 'looked',
    again: 'look at the nodes again',
    question: 'Was it redriven after that look?',
    mistake: 'The removal cannot be put into words',
  });

  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const look = (name: string, nodeName: string, assign: Parameters<typeof lookForRemoval>[1]['assign'] = []) =>
    lookForRemoval(states, { runOnNodes, found, facts, machine, name, nodeName, assign });
  const planTask = (name: string) =>
    lambdaTask(states, name, {
      lambdaFunction: props.planRemoval,
      payload: {
        ...{ cluster, config, options },
        nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.workers}]`,
        facts: list(facts),
        machine: list(machine),
      },
      assignTo: plan,
    });
  const gates = actOnPlan<RemovalReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, outcome: 'nothing', warnings: [], targetGroups: [], summary: plan.summary },
  });

  const approve = approval(states, {
    ...props,
    ...{ operation, cluster, config, plan, assignTo: approved, planAgain: find, unlessPart: true },
  });

  const lookAgain = look('Gather facts again', 'Look at the node again', [
    guard.note(),
    set(held, atWork.lock(cluster)),
    set(seconds, {}),
    set(givenUp, expression`""`),
    set(warnings, []),
    // A redriven removal has done a part of what was agreed.
    set(agreed, expression`${context.Execution.RedriveCount} > 0 ? "" : ${plan.digest}`),
  ]);
  const stillLeaves = mayStillLeave(states, { cluster, plan, approved, agreed });

  const node = expression<NamedInstance>`${target}`;
  const leave = leaveLoadBalancer(states, {
    ...props,
    ...{ operation, cluster, config, node, turn },
    leavingNode: guard.unlessRedriven(node),
  });
  const drain = drainNode(states, {
    ...{
      runOnNodes,
      eventBus,
      target,
      lock: held,
      settings: plan.drain,
      forceAtOnce: plan.drain.forceAtOnce,
      seconds,
      givenUp,
    },
    ...{ on: guard.unlessRedriven(on), giveUpOn: on },
  });
  // Nobody else has its pods yet.
  drain.skipped.next(
    Fail.jsonata(states, 'It does not leave without a drain', {
      error: 'DrainStuck',
      cause: jsonata(
        expression`${target.name} & " was not drained: " & ${givenUp} & ". It takes pods again and stays in the cluster: let that pod go, or choose wait or force for upgrade.stuckDrain in the cluster's settings, then start the operation again."`,
      ),
    }),
  );
  const askAgain = gatherFacts(states, 'Check the control planes', {
    ...{ runOnNodes, controlPlanes: plan.controlPlanes, inventory: 'no', assignTo: facts },
  }).next(
    passGate(states, 'Pass the gate for its departure', {
      ...{ assessGate: props.assessGate, cluster, node: target, controlPlanes: plan.controlPlanes, facts },
      purpose: 'remove-control-plane',
    }),
  );
  const reset = runOnNodesTask(states, 'Reset the machine', runOnNodes, {
    step: 'reset-node',
    nodes: guard.unlessRedriven(node),
    parameters: { Node: target.nodeName, LeaveEtcd: plan.leaveEtcd },
    lock: held,
    assign: [set(warnings, list(expression<ResetNode['warnings']>`${nodeResults}[0].result.warnings`))],
  });
  const forget = runOnNodesTask(states, 'Let the cluster forget it', runOnNodes, {
    step: 'forget-node',
    nodes: guard.unlessRedriven(on),
    parameters: { Node: target.nodeName, Member: plan.member },
    ...{ lock: held, about: target },
    assign: [set(forgotten, expression<ForgottenNode>`${nodeResults}[0].result`)],
  });
  const deregister = lambdaTask(states, 'Take it out of all target groups', {
    lambdaFunction: props.deregisterNode,
    payload: { cluster, execution: atWork.execution, node: guard.unlessRedriven(node) },
    assignTo: deregistered,
  });
  const others = waitForTheOthers(states, { runOnNodes, cluster, plan, forgotten });

  const summary = expression<string>`${plan.whenDone} & ($exists(${forgotten.etcdMembers}) and ${plan.member} != "none" ? " etcd has " & $string(${forgotten.etcdMembers}) & ($number(${forgotten.etcdMembers}) = 1 ? " member." : " members.") : "")`;
  const tell = tellBus<NodeRemovedDetail>(states, {
    eventBus,
    detailType: EVENT.nodeRemoved,
    detail: {
      ...{ cluster, execution: atWork.execution, node: target.name, instanceId: target.instanceId },
      kind: plan.kind,
      summary,
    },
  });
  const done = Succeed.jsonata(states, 'The node is removed', {
    outputs: jsonata(
      withApproval<RemovalReport>(
        object<Omit<RemovalReport, 'approval'>>({
          ...{ cluster, plan, outcome: expression`"removed"`, warnings: list(warnings) },
          ...{ targetGroups: list(deregistered.groups), summary },
        }),
        approved,
      ),
    ),
  });

  guard.protect(states, [leave.leave, ...drain.draining, reset, forget, deregister], lookAgain.startState);
  return find
    .next(look('Gather facts from all nodes', 'Look at the node itself'))
    .next(planTask('Plan the removal'))
    .next(gates)
    .next(approve)
    .next(
      withLock(
        states,
        { ...props, operation, cluster },
        phase(lookAgain.next(planTask('Plan it again')).next(stillLeaves), otherwiseOf(stillLeaves))
          .next(onlyIf(states, 'Does it leave a load balancer?', is(parts.leaveLoadBalancer, true), leave))
          .next(onlyIf(states, 'Is it drained first?', is(parts.drain, true), phase(drain.start, drain.drained)))
          .next(onlyIf(states, 'Is etcd asked once more?', is(parts.askAgain, true), askAgain))
          // While it is still a node: what is cut off here is begun anew by the next start.
          .next(deregister)
          .next(onlyIf(states, 'Is its machine reset?', is(parts.reset, true), phase(reset, reset)))
          .next(forget)
          .next(others),
      ),
    )
    .next(tell)
    .next(done);
}
