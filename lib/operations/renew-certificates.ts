import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import { EVENT, type CertificatesRenewedDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode } from '../../lambdas/contracts/node';
import type {
  RenewalPlan,
  RenewalReport,
  ProvenRenewal,
  RenewalAnswers,
  RepairOutcome,
} from '../../lambdas/contracts/renewal';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Sequence } from '../foundation/expressions';
import { condition, expression, fieldsOf, is, jsonata, list, object, pick, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { actOnPlan } from '../phases/act-on-plan';
import { approval } from '../phases/approval';
import { phase } from '../phases/chaining';
import { findNodes } from '../phases/find-nodes';
import { gatherFacts } from '../phases/gather-facts';
import { awaitWindow, stopWithWindow } from '../phases/maintenance-window';
import { oneAtATime, resultsOf } from '../phases/one-at-a-time';
import { RedriveGuard } from '../phases/redrive-guard';
import { tellBus, tellOperators } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { OperationFunctions } from './operation-functions';
import type { TurnEnded } from './renew-control-plane';
import { gatherEtcdFacts, renewEtcd } from './renew-etcd';
import { renewControlPlane } from './renew-control-plane';
import { repairCluster } from './repair-cluster';

export interface RenewCertificatesProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
}

const found = variable<FoundNodes<'renew-certificates'>>('found');
const before = variable<NodeResult[]>('before');
const etcdFacts = variable<NodeResult[]>('etcdFacts');
const plan = variable<RenewalPlan>('plan');
const approved = variable<GivenApproval>('approval');
const repair = variable<RepairOutcome | null>('repair');
/** What the nodes said of their renewal. */
const answers = variable<RenewalAnswers>('answers');
const after = variable<NodeResult[]>('after');
/** Control planes that were not begun, because somebody asked to stop. */
const notBegun = variable<string[]>('notBegun');
const report = variable<ProvenRenewal>('report');
/** What happened to each node in its load balancer. */
const loadBalancer = variable<NonNullable<RenewalReport['loadBalancer']>>('loadBalancer');

/** What the report has for the mail alone. */
const OF_THE_MAIL: Exclude<keyof ProvenRenewal, keyof RenewalReport>[] = ['subject', 'text'];
const { begun, said } = fieldsOf<TurnEnded>();

/**
 * Renews the certificates of a cluster's control planes, one at a time, before them those of an external etcd where it can, and proves it by what is
 * served afterwards. When it is asked to stop, it begins no other, and the next one goes on. A cluster that is dead because its certificates have
 * expired is repaired instead, as its plan says.
 * Nothing changes before the plan's gates have passed and the lock is held. Input: OperationInput; output: RenewalReport.
 */
export class RenewCertificates extends Operation {
  constructor(scope: Construct, id: string, props: RenewCertificatesProps) {
    super(scope, id, {
      operation: 'renew-certificates',
      comment:
        'Renews the certificates of all control planes, one at a time; repairs a cluster whose certificates have expired',
      // Three of them may be spent on waiting for approval, one on waiting for a maintenance window.
      timeout: Duration.days(5),
      ...props,
      functions: [
        ...[props.findNodes, props.planRenewal, props.takeOverLock, props.assessGate, props.verifyRenewal],
        ...[props.requestApproval, props.awaitApproval],
        ...[props.leaveLoadBalancer, props.returnToLoadBalancer, props.bootstrapSecret],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: RenewCertificatesProps) {
  const { runOnNodes, eventBus, topic } = props;
  const operation = 'renew-certificates';
  const { cluster, config, options, reachable: controlPlanes } = found;

  const guard = new RedriveGuard({
    id: 'planned',
    again: 'plan',
    question: 'Was it redriven after its plan?',
    mistake: 'The repair cannot be put into words',
  });

  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const gather = gatherFacts(states, 'Gather facts from the control planes', {
    ...{ runOnNodes, controlPlanes, inventory: 'yes', assignTo: before, assign: [set(etcdFacts, [])] },
  });
  const gatherOfEtcd = gatherEtcdFacts(states, { runOnNodes, found, assignTo: etcdFacts });
  const makePlan = lambdaTask(states, 'Plan the renewal', {
    lambdaFunction: props.planRenewal,
    payload: {
      cluster,
      config,
      options,
      nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.etcdNodes}]`,
      workerCount: found.workerCount,
      workersLeftOut: is(found.workersLeftOut, true),
      facts: list(before),
      etcdFacts: list(etcdFacts),
      at: context.State.EnteredTime,
    },
    assignTo: plan,
    // `repair` says something to verify-renewal after a repair only.
    assign: [guard.note(), set(repair, null), set(answers, []), set(notBegun, [])],
  });
  const gates = actOnPlan<RenewalReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, renewedNodes: [], rows: [], nodes: [], summary: plan.summary },
  });

  const approve = approval(states, {
    ...props,
    ...{ operation, cluster, config, plan, assignTo: approved, planAgain: find },
  });

  const stopInTime = stopWithWindow(states, { table: props.lock.table, cluster, window: plan.window });
  const turns = resultsOf<TurnEnded>();
  const done = expression<Sequence<TurnEnded>>`${turns}[${is(begun, true)}]`;
  const renewOneByOne = oneAtATime(
    states,
    'One control plane at a time',
    {
      items: plan.steps,
      assign: [
        set(loadBalancer, list(pick(done, 'node', 'said'))),
        set(answers, expression<RenewalAnswers>`[${turns.answers}]`),
        set(notBegun, expression<string[]>`[${turns}[${is(begun, false)}].node]`),
      ],
    },
    renewControlPlane(states, { ...props, found }),
  );
  const etcdFirst = renewEtcd(states, { runOnNodes, found, plan });
  const repairAllAtOnce = repairCluster(states, { ...props, found, plan, answers, repair, guard, planAgain: find });
  const renewalOrRepair = Choice.jsonata(states, 'Renewal or repair?')
    .when(condition(is(plan.kind, 'repair')), repairAllAtOnce)
    .otherwise(renewOneByOne);
  const checkAfterwards = gatherFacts(states, 'Check all control planes afterwards', {
    ...{ runOnNodes, controlPlanes, inventory: 'yes', assignTo: after },
  });
  const verify = lambdaTask(states, 'Verify what is served', {
    lambdaFunction: props.verifyRenewal,
    payload: {
      cluster,
      config,
      force: is(options.force, true),
      plan,
      before: list(before),
      after: list(after),
      notBegun: list(notBegun),
      answers: list(answers),
      repair,
    },
    assignTo: report,
  });

  const tellTheBus = tellBus<CertificatesRenewedDetail>(states, {
    eventBus,
    detailType: EVENT.certificatesRenewed,
    detail: {
      cluster,
      execution: context.Execution.Id,
      renewedNodes: list(report.renewedNodes),
      summary: report.summary,
    },
  });
  const tellTheOperators = tellOperators(states, {
    topic,
    cluster,
    subject: report.subject,
    text: expression`${report.text} & ($exists(${loadBalancer}) ? "\\n\\nLoad balancer:\\n" & $join(${loadBalancer}.("- " & ${said}), "\\n") : "")`,
  });
  const renewed = Succeed.jsonata(states, 'Certificates are renewed', {
    outputs: jsonata(
      expression`$merge([$sift(${report}, function($value, $name) {$not($name in ${OF_THE_MAIL})}), $exists(${loadBalancer}) ? ${object<Pick<RenewalReport, 'loadBalancer'>>({ loadBalancer: list(loadBalancer) })} : {}, $exists(${approved.state}) ? ${object<Pick<RenewalReport, 'approval'>>({ approval: approved })} : {}])`,
    ),
  });

  return find
    .next(gather)
    .next(gatherOfEtcd)
    .next(makePlan)
    .next(gates)
    .next(approve)
    .next(awaitWindow(states, { window: plan.window, planAgain: find }))
    .next(
      withLock(
        states,
        { ...props, operation, cluster },
        stopInTime
          .next(etcdFirst)
          .next(phase(renewalOrRepair, renewOneByOne, ...repairAllAtOnce.endStates))
          .next(checkAfterwards)
          .next(verify),
      ),
    )
    .next(tellTheBus)
    .next(tellTheOperators)
    .next(renewed);
}
