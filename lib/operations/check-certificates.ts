import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Condition, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { jsonata } from '../foundation/jsonata';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { Operation, TELL_AGAIN } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';

export interface CheckCertificatesProps {
  runOnNodes: RunOnNodes;
  findNodes: LambdaFunction;
  assessCertificates: LambdaFunction;
  concludeFailure: LambdaFunction;
  /** Starts the renewal, and does not wait for it, when certificates run out and the cluster's settings allow it. */
  startOperation: LambdaFunction;
  topic: ITopic;
}

/**
 * Looks at every certificate of a cluster, tells what runs out, and starts the renewal or tells a person.
 * Changes nothing on the nodes and so takes no lock. Input: OperationInput; output: CertificateReport.
 */
export class CheckCertificates extends Operation {
  constructor(scope: Construct, id: string, props: CheckCertificatesProps) {
    super(scope, id, {
      operation: 'check-certificates',
      comment: 'Looks at every certificate of a cluster, on disk and as served; changes nothing',
      timeout: Duration.hours(2),
      ...props,
      functions: [props.findNodes, props.assessCertificates, props.startOperation],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: CheckCertificatesProps) {
  const findNodes = lambdaTask(states, 'Find the nodes', {
    lambdaFunction: props.findNodes,
    payload: {
      operation: 'check-certificates',
      input: jsonata('$states.context.Execution.Input'),
    },
    assignTo: 'found',
  });

  const onlyPlan = Choice.jsonata(states, 'Is only the plan wanted?');
  const plan = Succeed.jsonata(states, 'These nodes would be asked', {
    outputs: {
      cluster: jsonata('$found.cluster'),
      nodes: jsonata('[$found.reachable]'),
      unreachable: jsonata('[$found.unreachable]'),
    },
  });

  const check = runOnNodesTask(states, 'Check certificates on the nodes', props.runOnNodes, {
    step: 'check-certificates',
    nodes: '$found.reachable',
    parameters: {},
    tolerateFailures: true,
    assignTo: 'inventories',
  });

  const assess = lambdaTask(states, 'Assess certificates', {
    lambdaFunction: props.assessCertificates,
    payload: {
      cluster: jsonata('$found.cluster'),
      config: jsonata('$found.config'),
      options: jsonata('$found.options'),
      nodes: jsonata('$inventories'),
      unreachable: jsonata('[$found.unreachable]'),
      etcdNodes: jsonata('[$found.etcdNodes]'),
    },
    assignTo: 'report',
  });

  const next = Choice.jsonata(states, 'What follows?');

  // A check that is redriven gets the renewal that it has started already.
  const renew = lambdaTask(states, 'Start the renewal', {
    lambdaFunction: props.startOperation,
    payload: {
      operation: 'renew-certificates',
      cluster: jsonata('$found.cluster'),
      trigger: { source: 'check-certificates', id: jsonata('$states.context.Execution.Name') },
    },
    assign: { report: jsonata('$merge([$report, {"nextExecutionArn": $states.result.Payload.executionArn}])') },
  });

  // After the renewal has started, which must not depend on a mail; also then, because it does not mend everything (a CA, a kubelet, a
  // node that does not answer).
  const toldOrNot = Choice.jsonata(states, 'Does a person have to be told?');
  const notify = SnsPublish.jsonata(states, 'Tell the operators', {
    topic: props.topic,
    subject: jsonata('$report.subject'),
    message: TaskInput.fromText(jsonata('$report.text')),
  });
  notify.addRetry(TELL_AGAIN);
  const checked = Succeed.jsonata(states, 'Certificates are checked', { outputs: jsonata('$report') });

  toldOrNot.when(Condition.jsonata(jsonata('$report.notify')), notify.next(checked)).otherwise(checked);

  return findNodes.next(
    onlyPlan
      .when(Condition.jsonata(jsonata('$found.options.planOnly = true')), plan)
      .otherwise(
        check
          .next(assess)
          .next(
            next.when(Condition.jsonata(jsonata('$report.next = "renew"')), renew.next(toldOrNot)).otherwise(toldOrNot),
          ),
      ),
  );
}
