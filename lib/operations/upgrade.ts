import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Fail, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import { EVENT, type ClusterUpgradedDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode } from '../../lambdas/contracts/node';
import type { NodeResult, OperationLock } from '../../lambdas/contracts/run-on-nodes';
import type { Snapshot } from '../../lambdas/contracts/snapshot';
import type { UpgradePlan } from '../../lambdas/contracts/upgrade';
import type { HopOutcome, ProvenUpgrade, UpgradeReport } from '../../lambdas/contracts/upgrade-outcomes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import { condition, expression, jsonata, list, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { lockOfThis } from '../node-access/run-on-nodes-task';
import { actOnPlan } from '../phases/act-on-plan';
import { approval } from '../phases/approval';
import { branchOf, otherwiseOf, phase } from '../phases/chaining';
import { findNodes } from '../phases/find-nodes';
import { awaitWindow, stopWithWindow } from '../phases/maintenance-window';
import { oneAtATime, resultsOf } from '../phases/one-at-a-time';
import { snapshot } from '../phases/snapshot';
import { tellBus, tellOperators } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { OperationFunctions } from './operation-functions';
import { askAllNodes, gatherUpgradeFacts } from './upgrade-facts';
import { upgradeMinor } from './upgrade-minor';
import type { UpgradeWorkers } from './upgrade-workers';

export interface UpgradeProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  upgradeWorkers: UpgradeWorkers;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
}

const found = variable<FoundNodes<'upgrade'>>('found');
/** ARNs of the executions that have them. */
const facts = variable<string[]>('before');
const plan = variable<UpgradePlan>('plan');
const approved = variable<GivenApproval>('approval');
/** Digest of the plan whose gates have passed, before the lock was held. */
const agreed = variable<string>('agreed');
const held = variable<OperationLock>('held');
/** Empty where nothing was saved. */
const saved = variable<Snapshot>('snapshot');
const minors = variable<HopOutcome[]>('minors');
const after = variable<NodeResult[]>('after');
const report = variable<ProvenUpgrade>('report');

/** What the report has for the mail alone. */
const OF_THE_MAIL: Exclude<keyof ProvenUpgrade, keyof UpgradeReport>[] = ['subject', 'text'];

/**
 * Upgrades a cluster to another version of Kubernetes: one minor after the other; in each the control planes one at a time, then the
 * workers of one group after the other. Nothing changes before the plan's gates have passed, the lock is held, and the plan has been
 * found the same once more. Started again, or redriven after it was stopped, it goes on. Input: OperationInput; output: UpgradeReport.
 */
export class Upgrade extends Operation {
  constructor(scope: Construct, id: string, props: UpgradeProps) {
    super(scope, id, {
      operation: 'upgrade',
      comment:
        'Upgrades a cluster, control planes one at a time and then the workers, to another version of Kubernetes',
      timeout: Duration.days(14),
      ...props,
      runs: [props.upgradeWorkers],
      functions: [
        ...[props.findNodes, props.planUpgrade, props.takeOverLock, props.assessGate, props.assessMinor],
        ...[props.requestApproval, props.awaitApproval],
        ...[props.prepareSnapshot, props.verifySnapshot],
        ...[props.leaveLoadBalancer, props.returnToLoadBalancer, props.verifyUpgrade],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: UpgradeProps) {
  const { runOnNodes, eventBus, topic } = props;
  const operation = 'upgrade';
  const { cluster, config, options } = found;

  const asked = { runOnNodes, found, version: found.options.version };
  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const gather = askAllNodes(states, 'Gather facts from all nodes', { ...asked, assignTo: facts });
  const planTask = (name: string) =>
    lambdaTask(states, name, {
      lambdaFunction: props.planUpgrade,
      payload: {
        ...{ cluster, config, options },
        nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.workers}]`,
        facts: list(facts),
        at: context.State.EnteredTime,
      },
      assignTo: plan,
    });
  const gates = actOnPlan<UpgradeReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, outcome: 'nothing', rows: [], moreNodes: 0, summary: plan.summary },
  });

  const approve = approval(states, {
    ...props,
    ...{ operation, cluster, config, plan, assignTo: approved, planAgain: find },
  });

  const inWindow = awaitWindow(states, { window: plan.window, planAgain: find });
  const stopInTime = stopWithWindow(states, { table: props.lock.table, cluster, window: plan.window });

  const gatherAgain = askAllNodes(states, 'Gather facts again', {
    ...{ ...asked, assignTo: facts },
    assign: [set(agreed, plan.digest), set(held, lockOfThis(cluster)), set(saved, expression<Snapshot>`{}`)],
  });
  const isSamePlan = Choice.jsonata(states, 'Is it still the same plan?').otherwise(
    Fail.jsonata(states, 'The plan has changed', {
      error: 'PlanChanged',
      cause: jsonata(
        expression`${cluster} & " has changed between the plan and the lock, so nothing was done (now: " & ${plan.summary} & "): look at the plan with planOnly, then start the upgrade again."`,
      ),
    }),
  );
  const samePlan = branchOf(isSamePlan, condition(expression`${plan.digest} = ${agreed}`));

  const isAnythingSaved = Choice.jsonata(states, 'Is etcd saved first?');
  const save = snapshot(states, {
    ...props,
    cluster,
    keepDays: config.etcdBackup.keepDays,
    nodes: plan.snapshot.nodes,
    etcdOn: plan.snapshot.etcdOn.instanceId,
    assignTo: saved,
  });
  isAnythingSaved.when(condition(expression`$exists(${plan.snapshot})`), save);
  const saveFirst = phase(isAnythingSaved, save, otherwiseOf(isAnythingSaved));

  const upgradeMinors = oneAtATime(
    states,
    'One minor at a time',
    { items: plan.hops, assign: [set(minors, list(resultsOf<HopOutcome>()))] },
    upgradeMinor(states, { ...props, found, held }),
  );

  const gatherAfterwards = gatherUpgradeFacts(states, 'Look at the cluster afterwards', {
    ...{ ...asked, only: 'control-planes', assignTo: after },
  });
  const verify = lambdaTask(states, 'Verify the upgrade', {
    lambdaFunction: props.verifyUpgrade,
    payload: {
      ...{ cluster, before: list(facts), after: list(after), hops: list(minors) },
      // Who is upgraded stands in its hops; a state has no room for the steps of a thousand nodes beside what became of them.
      plan: expression<UpgradePlan>`$merge([${plan}, {"steps": []}])`,
    },
    assignTo: report,
  });
  const tellTheBus = tellBus<ClusterUpgradedDetail>(states, {
    eventBus,
    detailType: EVENT.clusterUpgraded,
    detail: {
      cluster,
      execution: context.Execution.Id,
      from: plan.from,
      target: plan.target,
      outcome: report.outcome,
      summary: report.summary,
    },
  });
  const tellTheOperators = tellOperators(states, { topic, cluster, subject: report.subject, text: report.text });
  const upgraded = Succeed.jsonata(states, 'The cluster is upgraded', {
    outputs: jsonata(
      expression`$merge([$sift(${report}, function($value, $name) {$not($name in ${OF_THE_MAIL})}), $exists(${saved.bucket}) ? {"snapshot": ${saved}} : {}, $exists(${approved.state}) ? {"approval": ${approved}} : {}])`,
    ),
  });

  return find
    .next(gather)
    .next(planTask('Plan the upgrade'))
    .next(gates)
    .next(approve)
    .next(inWindow)
    .next(
      withLock(
        states,
        { ...props, operation, cluster },
        phase(gatherAgain.next(planTask('Plan it again')).next(isSamePlan), samePlan)
          .next(stopInTime)
          .next(saveFirst)
          .next(upgradeMinors)
          .next(gatherAfterwards)
          .next(verify),
      ),
    )
    .next(tellTheBus)
    .next(tellTheOperators)
    .next(upgraded);
}
