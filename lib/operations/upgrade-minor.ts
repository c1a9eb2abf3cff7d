import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Succeed, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult, OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Hop, UpgradeGroup, UpgradeTurn } from '../../lambdas/contracts/upgrade';
import type {
  AssessedMinor,
  GroupOutcome,
  HopOutcome,
  TurnOutcome,
  UpgradeWorkersInput,
} from '../../lambdas/contracts/upgrade-outcomes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Expression, Payload, Sequence, Variable } from '../foundation/expressions';
import {
  condition,
  expression,
  fieldsOf,
  is,
  jsonata,
  list,
  referTo,
  render,
  variable,
} from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { runWorkflow } from '../foundation/nested-workflow';
import { readStopRequest } from '../foundation/stop-request';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { oneAtATime, resultsOf } from '../phases/one-at-a-time';
import type { OperationFunctions } from './operation-functions';
import type { ControlPlaneTurn } from './upgrade-control-plane';
import { upgradeControlPlane } from './upgrade-control-plane';
import { gatherUpgradeFacts } from './upgrade-facts';
import type { UpgradeWorkers } from './upgrade-workers';

export interface UpgradeMinorProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  upgradeWorkers: UpgradeWorkers;
  lock: ClusterLock;
  eventBus: IEventBus;
  found: Variable<FoundNodes<'upgrade'>>;
  /** That this execution holds the lock. */
  held: Variable<OperationLock>;
}

const hop = variable<Hop>('hop');
const { done } = fieldsOf<UpgradeTurn>();
const stopFor = variable<string>('stopMinorFor');
const controlPlanes = variable<TurnOutcome[]>('controlPlanes');
const groups = variable<GroupOutcome[]>('groups');
const minorFacts = variable<NodeResult[]>('minorFacts');
const since = variable<string>('minorSince');
const assessed = variable<AssessedMinor>('assessed');

/**
 * Members of etcd that are too old for the minor first; then each control plane whole in one turn; where a kubelet uses another API server than
 * its own, kubelets follow after all API servers.
 */
function controlPlaneTurns(): Expression<Sequence<ControlPlaneTurn>> {
  const { controlPlanes: turns, kubeletsLast } = hop;
  const only = (part: ControlPlaneTurn['only'], of: Expression<Sequence<UpgradeTurn>>) =>
    expression<Sequence<ControlPlaneTurn>>`$map(${of}, function($turn) {$merge([$turn, {"only": ${part}}])})`;
  const etcd = only('etcd', hop.raiseEtcd.nodes);
  const firstPart = only('kubeadm', expression`${turns}[${is(done, 'nothing')}]`);
  const whole = only('nothing', turns);
  return expression`$append(${etcd}, ${is(kubeletsLast, true)} ? $append(${firstPart}, ${whole}) : ${whole})`;
}

/** Turns that the outcomes of all groups together may hold. */
const MOST_TURNS = 400;

/**
 * One minor: packages and images on all nodes first, then the control planes one at a time; when CoreDNS and kube-proxy have followed,
 * the workers of one group after the other. Its input is the hop, its output what became of it.
 */
export function upgradeMinor(states: Construct, props: UpgradeMinorProps): IChainable {
  const { found, held, runOnNodes } = props;
  const { cluster } = found;

  const isStopWanted = readStopRequest(states, 'Read whether to stop before this minor', {
    ...{ table: props.lock.table, cluster, assignTo: stopFor },
    assign: [set(hop, referTo<Hop>('$states.input')), set(controlPlanes, []), set(groups, [])],
  });
  const goOn = Choice.jsonata(states, 'Go on with this minor?');

  const toStage = expression<
    Sequence<NamedInstance>
  >`$append(${hop.controlPlanes}, ${hop.workers.nodes})[${done} != "kubelet"]`;
  const stage = fiftyAtATime(
    states,
    'Fetch packages and images on all nodes',
    { nodes: toStage },
    runOnNodesTask(states, 'Fetch packages and images', runOnNodes, {
      step: 'stage-upgrade',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: { Version: hop.version },
      lock: held,
      outputs: expression`{}`,
    }),
  );
  const oneByOne = oneAtATime(
    states,
    'One control plane at a time',
    {
      items: controlPlaneTurns(),
      assign: [set(controlPlanes, list(resultsOf<TurnOutcome>())), set(since, context.State.EnteredTime)],
    },
    upgradeControlPlane(states, { ...props, hop }),
  );

  const areAllDone = Choice.jsonata(states, 'Are all control planes done?');
  const look = gatherUpgradeFacts(states, 'Look at the control plane', {
    ...{ runOnNodes, found, version: found.options.version, only: 'control-planes', assignTo: minorFacts },
  });
  const assess = lambdaTask(states, 'Assess the control plane', {
    lambdaFunction: props.assessMinor,
    payload: { cluster, version: hop.version, since, at: context.State.EnteredTime, facts: list(minorFacts) },
    assignTo: assessed,
  });
  const isReady = Choice.jsonata(states, 'Is the control plane complete?');
  const wait = Wait.jsonata(states, 'Wait for CoreDNS and kube-proxy', {
    time: WaitTime.seconds(jsonata(assessed.waitSeconds)),
  });
  const group = referTo<UpgradeGroup>('$states.input');
  const workers = oneAtATime(
    states,
    'One group of workers at a time',
    { items: hop.workers, assign: [set(groups, list(resultsOf<GroupOutcome>()))] },
    runWorkflow<UpgradeWorkersInput>(states, 'Upgrade a group of workers', {
      stateMachine: props.upgradeWorkers,
      input: {
        lock: held,
        settings: found.config.upgrade,
        hop: { version: hop.version, kubeadm: hop.kubeadm },
        group,
        controlPlanes: list(found.reachable),
        keep: expression<number>`$max([5, $floor(${MOST_TURNS} / $count(${hop.workers}))])`,
      },
      outputs: referTo('$states.result.Output'),
    }),
  );
  const minorIsDone = Succeed.jsonata(states, 'This minor is done', {
    outputs: render({
      version: hop.version,
      controlPlanes: list(controlPlanes),
      workers: list(groups),
    } satisfies Payload<HopOutcome>) as Record<string, unknown>,
  });

  const { outcome } = fieldsOf<TurnOutcome>();
  const someNotBegun: Expression<boolean> = expression`$count(${controlPlanes}[${is(outcome, 'not-begun')}]) > 0`;
  goOn.when(condition(expression`${stopFor} = ${context.Execution.Id}`), minorIsDone).otherwise(stage);
  areAllDone.when(condition(someNotBegun), minorIsDone).otherwise(look);
  isReady.when(condition(is(assessed.next, 'wait')), wait).otherwise(workers);
  isStopWanted.next(goOn);
  stage.next(oneByOne).next(areAllDone);
  look.next(assess).next(isReady);
  wait.next(look);
  workers.next(minorIsDone);
  return isStopWanted;
}
