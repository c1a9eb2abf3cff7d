import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import { EVENT, type ClusterReconfiguredDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { ReconfigurationPlan, ReconfigurationReport } from '../../lambdas/contracts/reconfigure';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Sequence, Variable } from '../foundation/expressions';
import { expression, fieldsOf, is, jsonata, list, object, referTo, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { actOnPlan } from '../phases/act-on-plan';
import { approval, withApproval } from '../phases/approval';
import { phase } from '../phases/chaining';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { findNodes } from '../phases/find-nodes';
import { awaitWindow, stopWithWindow } from '../phases/maintenance-window';
import { oneAtATime, resultsOf } from '../phases/one-at-a-time';
import { onlyIf } from '../phases/only-if';
import { tellBus } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { OperationFunctions } from './operation-functions';
import { reconfigureControlPlane, type TurnEnded } from './reconfigure-control-plane';
import type { ReconfigureFunctions } from './reconfigure-functions';
import { reconfigureWorkers } from './reconfigure-workers';

export interface ReconfigureProps extends OperationFunctions, ReconfigureFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
}

const found = variable<FoundNodes<'reconfigure'>>('found');
const configurations = variable<NodeResult[]>('configurations');
const plan = variable<ReconfigurationPlan>('plan');
const approved = variable<GivenApproval>('approval');
/** Names of the nodes on which something changed. */
const changedNodes = variable<string[]>('changedNodes');
/** Names of those that were not begun, because somebody asked to stop. */
const notBegun = variable<string[]>('notBegun');

/** Without what nodes are given. */
const told = expression<
  ReconfigurationReport['plan']
>`$sift(${plan}, function($value, $name) {$name != ${'parameters' satisfies keyof ReconfigurationPlan}})`;

const { unreachable } = fieldsOf<ClusterNode>();
const { begun } = fieldsOf<TurnEnded>();
/**
 * Gives a running cluster the flags, certificate names, patches and settings of kubelets that its settings say: the configuration is stored in
 * kubeadm's ConfigMaps, then control planes take it one at a time, out of their load balancer, then one worker, then the others. When it is asked to
 * stop, it begins no other node. What was changed by hand is shown, and stops it unless that is asked for. Input: OperationInput; output: ReconfigurationReport.
 */
export class Reconfigure extends Operation {
  constructor(scope: Construct, id: string, props: ReconfigureProps) {
    super(scope, id, {
      operation: 'reconfigure',
      comment:
        'Changes flags, certificate names, patches and kubelet settings of a running cluster as its settings say',
      // Three days of them may be spent on waiting for approval, a week and more on waiting for a maintenance window.
      timeout: Duration.days(14),
      ...props,
      functions: [
        ...[props.findNodes, props.planReconfiguration, props.takeOverLock, props.assessGate],
        ...[props.requestApproval, props.awaitApproval],
        ...[props.leaveLoadBalancer, props.returnToLoadBalancer],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: ReconfigureProps) {
  const { runOnNodes, eventBus } = props;
  const operation = 'reconfigure';
  const { cluster, config, options } = found;

  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const gather = fiftyAtATime(
    states,
    'Ask how the nodes are configured',
    {
      nodes: expression<
        Sequence<NamedInstance>
      >`$append(${found.reachable}, ${found.workers}[$not($exists(${unreachable}))])`,
      assign: [
        set(configurations, list(expression<Sequence<NodeResult>>`$reduce($states.result, $append, [])`)),
        set(changedNodes, []),
        set(notBegun, []),
      ],
    },
    runOnNodesTask(states, 'Ask fifty at a time', runOnNodes, {
      step: 'inspect-configuration',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {},
      tolerateFailures: true,
      outputs: nodeResults,
    }),
  );
  const makePlan = lambdaTask(states, 'Plan the reconfiguration', {
    lambdaFunction: props.planReconfiguration,
    payload: {
      ...{ cluster, config, options },
      nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.workers}]`,
      facts: list(configurations),
      at: context.State.EnteredTime,
    },
    assignTo: plan,
  });
  const gates = actOnPlan<ReconfigurationReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan: told, outcome: 'nothing', changedNodes: [], summary: plan.summary },
  });

  const approve = approval(states, {
    ...props,
    ...{ operation, cluster, config, plan, assignTo: approved, planAgain: find },
  });

  const store = runOnNodesTask(states, 'Store the configuration', runOnNodes, {
    step: 'store-configuration',
    nodes: expression<NamedInstance>`${plan.first}`,
    parameters: {
      Action: 'store',
      ClusterConfiguration: plan.parameters.clusterConfiguration,
      KubeletConfiguration: plan.parameters.kubeletConfiguration,
      Patches: plan.parameters.controlPlanePatches,
    },
    lockOf: cluster,
  });
  const stopInTime = stopWithWindow(states, { table: props.lock.table, cluster, window: plan.window });
  const turns = resultsOf<TurnEnded>();
  const controlPlanes = oneAtATime(
    states,
    'One control plane at a time',
    {
      items: plan.controlPlanes,
      assign: [
        set(changedNodes, expression<string[]>`[${turns}[changed].node]`),
        set(notBegun, expression<string[]>`[${turns}[${is(begun, false)}].node]`),
      ],
    },
    reconfigureControlPlane(states, { ...props, found, plan }),
  );
  const workers = reconfigureWorkers(states, { ...props, cluster, plan, changedNodes, notBegun });
  const finish = runOnNodesTask(states, 'Forget what was replaced', runOnNodes, {
    step: 'store-configuration',
    nodes: expression<NamedInstance>`${plan.first}`,
    parameters: { Action: 'finish', ClusterConfiguration: 'none', KubeletConfiguration: 'none', Patches: 'none' },
    lockOf: cluster,
  });

  // Where nodes are left, a second start has to know what each had.
  const areAllDone = onlyIf(
    states,
    'Are all nodes done?',
    expression<boolean>`$count(${notBegun}) = 0`,
    phase(finish, finish),
  );
  const some = (names: Variable<string[]>) =>
    expression<string>`$join(${names}[[0..19]], ", ") & ($count(${names}) > 20 ? " and others" : "")`;
  const summary = expression<string>`$count(${notBegun}) > 0 ? ${cluster} & " is reconfigured in part (" & ($count(${changedNodes}) = 0 ? "no node changed" : ${some(changedNodes)} & " changed") & "): it stopped before " & ${some(notBegun)} & ", as somebody asked or its maintenance window wants it. Started again, it goes on there." : ${plan.summary} & " Done: " & ($count(${changedNodes}) = 0 ? "every node had it already." : ${some(changedNodes)} & " changed.")`;

  const tell = tellBus<ClusterReconfiguredDetail>(states, {
    eventBus,
    detailType: EVENT.clusterReconfigured,
    detail: {
      ...{ cluster, execution: context.Execution.Id, summary },
      nodes: list(changedNodes),
    },
  });
  const done = Succeed.jsonata(states, 'The cluster is as its settings say', {
    outputs: jsonata(
      withApproval<ReconfigurationReport>(
        object<Omit<ReconfigurationReport, 'approval'>>({
          ...{ cluster, plan: told, changedNodes: list(changedNodes), summary },
          outcome: expression`$count(${notBegun}) > 0 ? "stopped" : "reconfigured"`,
        }),
        approved,
      ),
    ),
  });

  return find
    .next(gather)
    .next(makePlan)
    .next(gates)
    .next(approve)
    .next(awaitWindow(states, { window: plan.window, planAgain: find }))
    .next(
      withLock(
        states,
        { ...props, operation, cluster },
        stopInTime.next(store).next(controlPlanes).next(workers).next(areAllDone),
      ),
    )
    .next(tell)
    .next(done);
}
