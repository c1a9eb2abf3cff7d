import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CertificateReport } from '../../lambdas/contracts/certificate-check';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { StartRequest, StartedOperation } from '../../lambdas/contracts/operation';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import { condition, expression, is, jsonata, list, object, referTo, render, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { findNodes } from '../phases/find-nodes';
import { tellOperators } from '../phases/tell';
import type { OperationFunctions } from './operation-functions';

export interface CheckCertificatesProps extends OperationFunctions {
  runOnNodes: RunOnNodes;
  /** Starts the renewal, and does not wait for it, when certificates run out and the cluster's settings allow it. */
  startOperation: LambdaFunction<StartRequest, StartedOperation>;
  topic: ITopic;
}

const found = variable<FoundNodes<'check-certificates'>>('found');
const inventories = variable<NodeResult[]>('inventories');
const report = variable<CertificateReport>('report');
const started = referTo<StartedOperation>('$states.result.Payload');

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
  const { cluster, config, options, reachable, unreachable } = found;

  const find = findNodes(states, { operation: 'check-certificates', findNodes: props.findNodes, assignTo: found });
  const onlyPlan = Choice.jsonata(states, 'Is only the plan wanted?');
  const plan = Succeed.jsonata(states, 'These nodes would be asked', {
    outputs: render({ cluster, nodes: list(reachable), unreachable: list(unreachable) }) as Record<string, unknown>,
  });
  const check = runOnNodesTask(states, 'Check certificates on the nodes', props.runOnNodes, {
    step: 'check-certificates',
    nodes: reachable,
    parameters: {},
    tolerateFailures: true,
    assignTo: inventories,
  });
  const assess = lambdaTask(states, 'Assess certificates', {
    lambdaFunction: props.assessCertificates,
    payload: {
      ...{ cluster, config, options },
      nodes: list(inventories),
      unreachable: list(unreachable),
      etcdNodes: list(found.etcdNodes),
      mistagged: list(found.mistagged),
    },
    assignTo: report,
  });

  const next = Choice.jsonata(states, 'What follows?');
  const renew = lambdaTask(states, 'Start the renewal', {
    lambdaFunction: props.startOperation,
    payload: {
      operation: 'renew-certificates',
      cluster,
      options: { waitForWindow: true },
      // A check that is redriven gets the renewal that it has started already.
      trigger: { source: 'check-certificates', id: context.Execution.Name },
    },
    assign: [
      set(
        report,
        expression<CertificateReport>`$merge([${report}, ${object<Pick<CertificateReport, 'nextExecutionArn'>>({ nextExecutionArn: started.executionArn })}])`,
      ),
    ],
  });
  // After the renewal has started, which must not depend on a mail; also then, because it does not renew everything (a CA, a kubelet, a
  // node that does not answer).
  const toldOrNot = Choice.jsonata(states, 'Does a person have to be told?');
  const tell = tellOperators(states, { topic: props.topic, cluster, subject: report.subject, text: report.text });
  const checked = Succeed.jsonata(states, 'Certificates are checked', { outputs: jsonata(report) });

  toldOrNot.when(condition(report.notify), tell.next(checked)).otherwise(checked);
  next.when(condition(is(report.next, 'renew')), renew.next(toldOrNot)).otherwise(toldOrNot);
  onlyPlan.when(condition(is(options.planOnly, true)), plan).otherwise(check.next(assess).next(next));
  return find.next(onlyPlan);
}
