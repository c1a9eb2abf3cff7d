import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Condition, Fail, Map, ProvideItems, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { EVENT, EVENT_SOURCE } from '../../lambdas/contracts/events';
import { jsonata } from '../foundation/jsonata';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { LOCK_HELD_BY_ANOTHER } from '../foundation/lock';
import { Operation, TELL_AGAIN } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { inspectControlPlanes } from './inspect-control-planes';
import { renewOneNode } from './renew-one-node';
import { repairCluster } from './repair-cluster';

export interface RenewCertificatesProps {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  findNodes: LambdaFunction;
  planRenewal: LambdaFunction;
  takeOverLock: LambdaFunction;
  assessGate: LambdaFunction;
  leaveLoadBalancer: LambdaFunction;
  returnToLoadBalancer: LambdaFunction;
  verifyRenewal: LambdaFunction;
  bootstrapSecret: LambdaFunction;
  concludeFailure: LambdaFunction;
  eventBus: IEventBus;
  topic: ITopic;
}

/**
 * Renews the certificates of a cluster's control planes, one at a time, and proves it by what is served afterwards. A cluster that is
 * dead because its certificates have expired is repaired instead, as its plan says.
 * Nothing changes before the plan's gates have passed and the lock is held. Input: OperationInput; output: RenewalReport.
 */
export class RenewCertificates extends Operation {
  constructor(scope: Construct, id: string, props: RenewCertificatesProps) {
    const { findNodes, planRenewal, takeOverLock, assessGate, verifyRenewal } = props;
    const { leaveLoadBalancer, returnToLoadBalancer, bootstrapSecret } = props;
    super(scope, id, {
      operation: 'renew-certificates',
      comment:
        'Renews the certificates of all control planes, one at a time; repairs a cluster whose certificates have expired',
      timeout: Duration.hours(24),
      ...props,
      functions: [
        ...[findNodes, planRenewal, takeOverLock, assessGate, verifyRenewal],
        ...[leaveLoadBalancer, returnToLoadBalancer, bootstrapSecret],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: RenewCertificatesProps) {
  const findNodes = lambdaTask(states, 'Find the nodes', {
    lambdaFunction: props.findNodes,
    payload: {
      operation: 'renew-certificates',
      input: jsonata('$states.context.Execution.Input'),
    },
    assignTo: 'found',
  });
  const gatherFacts = inspectControlPlanes(states, 'Gather facts from the control planes', props.runOnNodes, {
    inventory: 'yes',
    assignTo: 'before',
  });
  const plan = lambdaTask(states, 'Plan the renewal', {
    lambdaFunction: props.planRenewal,
    payload: {
      ...cluster,
      options: jsonata('$found.options'),
      nodes: jsonata('[$found.controlPlanes, $found.etcdNodes]'),
      workerCount: jsonata('$found.workerCount'),
      facts: jsonata('$before'),
    },
    assignTo: 'plan',
    // Says something to verify-renewal after a repair only.
    assign: { plannedIn: jsonata('$states.context.Execution.RedriveCount'), repair: jsonata('null') },
  });

  const whatPlanSays = Choice.jsonata(states, 'What does the plan say?');
  const onlyPlanned = Succeed.jsonata(states, 'Nothing is changed', {
    outputs: {
      cluster: jsonata('$found.cluster'),
      plan: jsonata('$plan'),
      renewedNodes: [],
      rows: [],
      summary: jsonata('$plan.summary'),
    },
  });
  const refused = Fail.jsonata(states, 'A gate says no', { error: 'GateRefused', cause: jsonata('$plan.summary') });

  const holdLock = props.lock.hold(states, 'Hold the lock', {
    cluster: '$found.cluster',
    holder: '$states.context.Execution.Id',
    operation: '"renew-certificates"',
    since: '$states.context.Execution.StartTime',
  });
  const takeOver = lambdaTask(states, 'Take over the lock if its holder has ended', {
    lambdaFunction: props.takeOverLock,
    payload: {
      cluster: jsonata('$found.cluster'),
      operation: 'renew-certificates',
      holder: jsonata('$states.context.Execution.Id'),
    },
  });

  const howItIsDone = Choice.jsonata(states, 'Renewal or repair?');
  const oneByOne = Map.jsonata(states, 'One control plane at a time', {
    items: ProvideItems.jsonata(jsonata('[$plan.steps]')),
    maxConcurrency: 1,
    assign: { loadBalancer: jsonata('[$states.result]') },
    outputs: {},
  }).itemProcessor(renewOneNode(states, props));

  const checkAfterwards = inspectControlPlanes(states, 'Check all control planes afterwards', props.runOnNodes, {
    inventory: 'yes',
    assignTo: 'after',
  });
  const verify = lambdaTask(states, 'Verify what is served', {
    lambdaFunction: props.verifyRenewal,
    payload: {
      ...cluster,
      force: jsonata('$found.options.force = true'),
      plan: jsonata('$plan'),
      before: jsonata('$before'),
      after: jsonata('$after'),
      repair: jsonata('$repair'),
    },
    assignTo: 'report',
  });
  const releaseLock = props.lock.release(states, 'Release the lock', {
    cluster: '$found.cluster',
    holder: '$states.context.Execution.Id',
  });
  const tellBus = EventBridgePutEvents.jsonata(states, 'Tell the event bus', {
    entries: [
      {
        eventBus: props.eventBus,
        source: EVENT_SOURCE,
        detailType: EVENT.certificatesRenewed,
        detail: TaskInput.fromObject({
          cluster: jsonata('$found.cluster'),
          execution: jsonata('$states.context.Execution.Id'),
          renewedNodes: jsonata('[$report.renewedNodes]'),
          summary: jsonata('$report.summary'),
        }),
      },
    ],
  });
  const tellOperators = SnsPublish.jsonata(states, 'Tell the operators', {
    topic: props.topic,
    subject: jsonata('$report.subject'),
    message: TaskInput.fromText(
      jsonata(
        '$report.text & ($exists($loadBalancer) ? "\\n\\nLoad balancer:\\n" & $join($loadBalancer.("- " & said), "\\n") : "")',
      ),
    ),
  });
  const renewed = Succeed.jsonata(states, 'Certificates are renewed', {
    outputs: jsonata(
      '$merge([$sift($report, function($value, $name) {$not($name in ["subject", "text"])}), $exists($loadBalancer) ? {"loadBalancer": $loadBalancer} : {}])',
    ),
  });

  for (const tell of [tellBus, tellOperators]) tell.addRetry(TELL_AGAIN);
  // Given back already, by on-operation-ended, when this execution was stopped and redriven: the renewal is proven all the same.
  releaseLock.addCatch(tellBus, { errors: LOCK_HELD_BY_ANOTHER });
  holdLock.addCatch(takeOver.next(howItIsDone), { errors: LOCK_HELD_BY_ANOTHER });
  howItIsDone
    .when(
      Condition.jsonata(jsonata('$plan.kind = "repair"')),
      repairCluster(states, props, { planAgain: gatherFacts, whenDone: checkAfterwards }),
    )
    .otherwise(oneByOne.next(checkAfterwards));

  checkAfterwards.next(verify).next(releaseLock).next(tellBus).next(tellOperators).next(renewed);
  return findNodes
    .next(gatherFacts)
    .next(plan)
    .next(
      whatPlanSays
        .when(Condition.jsonata(jsonata('$found.options.planOnly = true or $plan.decision = "nothing"')), onlyPlanned)
        .when(Condition.jsonata(jsonata('$plan.decision = "refuse"')), refused)
        .otherwise(holdLock.next(howItIsDone)),
    );
}

const cluster = { cluster: jsonata('$found.cluster'), config: jsonata('$found.config') };
