import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Condition, Fail, Map, ProvideItems, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents, LambdaInvoke, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { EVENT, EVENT_SOURCE } from '../../lambdas/contracts/events';
import { jsonata } from '../jsonata';
import type { LambdaFunction } from '../lambda-function';
import type { ClusterLock } from '../lock';
import { LOCK_HELD_BY_ANOTHER } from '../lock';
import { Operation, TELL_AGAIN } from '../operation';
import type { RunOnNodes } from '../run-on-nodes/run-on-nodes';
import { runOnNodesTask } from '../run-on-nodes/run-on-nodes-task';

export interface RenewCertificatesProps {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  findNodes: LambdaFunction;
  planRenewal: LambdaFunction;
  takeOverLock: LambdaFunction;
  assessGate: LambdaFunction;
  verifyRenewal: LambdaFunction;
  concludeFailure: LambdaFunction;
  eventBus: IEventBus;
  topic: ITopic;
}

/**
 * Renews the certificates of a cluster's control planes, one at a time, and proves it by what is served afterwards.
 * Nothing changes before the plan's gates have passed and the lock is held. Input: OperationInput; output: RenewalReport.
 */
export class RenewCertificates extends Operation {
  constructor(scope: Construct, id: string, props: RenewCertificatesProps) {
    const { findNodes, planRenewal, takeOverLock, assessGate, verifyRenewal } = props;
    super(scope, id, {
      operation: 'renew-certificates',
      comment: 'Renews the certificates of all control planes, one at a time',
      timeout: Duration.hours(24),
      ...props,
      functions: [findNodes, planRenewal, takeOverLock, assessGate, verifyRenewal],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: RenewCertificatesProps) {
  const findNodes = invoke(states, 'Find the nodes', props.findNodes, 'found', {
    operation: 'renew-certificates',
    input: jsonata('$states.context.Execution.Input'),
  });
  const gatherFacts = inspect(states, 'Gather facts from the control planes', props, {
    inventory: 'yes',
    assignTo: 'before',
  });
  const plan = invoke(states, 'Plan the renewal', props.planRenewal, 'plan', {
    ...cluster,
    options: jsonata('$found.options'),
    nodes: jsonata('[$found.nodes]'),
    facts: jsonata('$before'),
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
  const takeOver = invoke(states, 'Take over the lock if its holder has ended', props.takeOverLock, undefined, {
    cluster: jsonata('$found.cluster'),
    operation: 'renew-certificates',
    holder: jsonata('$states.context.Execution.Id'),
  });

  const oneByOne = Map.jsonata(states, 'One control plane at a time', {
    items: ProvideItems.jsonata(jsonata('[$plan.steps]')),
    maxConcurrency: 1,
    outputs: {},
  }).itemProcessor(renewOneNode(states, props));

  const checkAfterwards = inspect(states, 'Check all control planes afterwards', props, {
    inventory: 'yes',
    assignTo: 'after',
  });
  const verify = invoke(states, 'Verify what is served', props.verifyRenewal, 'report', {
    ...cluster,
    plan: jsonata('$plan'),
    before: jsonata('$before'),
    after: jsonata('$after'),
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
    message: TaskInput.fromText(jsonata('$report.text')),
  });
  const renewed = Succeed.jsonata(states, 'Certificates are renewed', {
    outputs: jsonata('$sift($report, function($value, $name) {$not($name in ["subject", "text"])})'),
  });

  for (const tell of [tellBus, tellOperators]) tell.addRetry(TELL_AGAIN);
  // Given back already, by on-operation-ended, when this execution was stopped and redriven: the renewal is proven all the same.
  releaseLock.addCatch(tellBus, { errors: LOCK_HELD_BY_ANOTHER });
  holdLock.addCatch(takeOver.next(oneByOne), { errors: LOCK_HELD_BY_ANOTHER });

  return findNodes
    .next(gatherFacts)
    .next(plan)
    .next(
      whatPlanSays
        .when(Condition.jsonata(jsonata('$found.options.planOnly = true or $plan.decision = "nothing"')), onlyPlanned)
        .when(Condition.jsonata(jsonata('$plan.decision = "refuse"')), refused)
        .otherwise(
          holdLock
            .next(oneByOne)
            .next(checkAfterwards)
            .next(verify)
            .next(releaseLock)
            .next(tellBus)
            .next(tellOperators)
            .next(renewed),
        ),
    );
}

/** For each step of the plan, in its order: look at all control planes, pass the gate, renew on this one. */
function renewOneNode(states: Construct, props: RenewCertificatesProps) {
  const checkControlPlanes = inspect(states, 'Check the control planes', props, {
    inventory: 'no',
    assignTo: 'facts',
    assign: { node: jsonata('$states.input') },
  });
  const gate = invoke(states, 'Pass the gate for this node', props.assessGate, undefined, {
    cluster: jsonata('$found.cluster'),
    node: { instanceId: jsonata('$node.instanceId'), name: jsonata('$node.name') },
    controlPlanes: jsonata('[$found.controlPlanes]'),
    facts: jsonata('$facts'),
  });
  const renew = runOnNodesTask(states, 'Renew certificates on the node', props.runOnNodes, {
    step: 'renew-certificates',
    nodes: '$node',
    parameters: {
      Force: jsonata('$found.options.force = true ? "yes" : "no"'),
      AdminKubeconfigs: jsonata('[$join($found.config.certificates.adminKubeconfigs, ","), "none"][0]'),
    },
    lockOf: '$found.cluster',
  });
  return checkControlPlanes.next(gate).next(renew);
}

const cluster = { cluster: jsonata('$found.cluster'), config: jsonata('$found.config') };

/** Calls a Lambda and keeps its answer in a variable. */
function invoke(
  states: Construct,
  name: string,
  lambdaFunction: LambdaFunction,
  variable: string | undefined,
  payload: Record<string, unknown>,
) {
  return LambdaInvoke.jsonata(states, name, {
    lambdaFunction,
    payload: TaskInput.fromObject(payload),
    assign: variable ? { [variable]: jsonata('$states.result.Payload') } : undefined,
  });
}

interface Inspection {
  /** Also list the certificates. */
  inventory: 'yes' | 'no';
  assignTo: string;
  assign?: Record<string, unknown>;
}

/** Asks all control planes at once; one that does not answer is for the plan and the gates to judge. */
function inspect(
  states: Construct,
  name: string,
  props: RenewCertificatesProps,
  { inventory, assignTo, assign }: Inspection,
) {
  return runOnNodesTask(states, name, props.runOnNodes, {
    step: 'inspect-control-plane',
    nodes: '$found.controlPlanes',
    parameters: { Inventory: inventory },
    tolerateFailures: true,
    assignTo,
    assign,
  });
}
