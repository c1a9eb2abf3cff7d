import { Duration } from 'aws-cdk-lib';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { isReadOnly, OPERATIONS } from '../../lambdas/contracts/operation';
import { assignments, set } from '../foundation/assign';
import { context } from '../foundation/context';
import { expression, jsonata, variable } from '../foundation/expressions';
import { APP } from '../foundation/names';
import { executionsOfOperations } from '../foundation/operation-arns';
import { documentName } from './node-step-document';
import type { NodeStepName } from './node-steps';
import { NODE_STEPS } from './node-steps';
import { request } from './run-on-nodes-commands';

const CHANGING = (Object.keys(NODE_STEPS) as NodeStepName[])
  .filter((step) => NODE_STEPS[step].changesNode)
  .map(documentName);

/** By the document that is to be run, not by what the caller says of it. */
export const changesNodes = expression<boolean>`${request.document} in ${CHANGING}`;

/** Operations that may hold a lock: those that change something. */
export const HOLDERS = OPERATIONS.filter((operation) => !isReadOnly(operation));

/** The lock's holder is an execution of one of this app's operations, in this account and region. */
export const isHeldByOperation = expression<boolean>`$substringBefore(${request.lock.holder}, ":execution:") = $substringBefore(${context.StateMachine.Id}, ":stateMachine:") and $split($substringAfter(${request.lock.holder}, ":execution:"), ":")[0] in ${HOLDERS.map((operation) => `${APP}-${operation}`)}`;

/** The holder is at work on this very cluster. */
export const isAtWork = variable<boolean>('isAtWork');

/** Whether the holder of the lock runs: whoever may start RunOnNodes could name one that has ended. */
export function describeHolder(scope: Construct): CallAwsService {
  const describe = CallAwsService.jsonata(scope, 'Look at the holder of the lock', {
    service: 'sfn',
    action: 'describeExecution',
    iamAction: 'states:DescribeExecution',
    iamResources: executionsOfOperations(scope, HOLDERS),
    parameters: { ExecutionArn: jsonata(request.lock.holder) },
    assign: assignments([
      set(
        isAtWork,
        expression`$states.result.Status = "RUNNING" and $parse($states.result.Input).cluster = ${request.lock.cluster}`,
      ),
    ]),
  });
  describe.addRetry({
    errors: ['Sfn.SfnException', 'Sfn.SdkClientException'],
    interval: Duration.seconds(2),
    maxAttempts: 4,
  });
  return describe;
}

/** Step Functions does not know the holder, as its API and its SDK integration name it. */
export const NO_SUCH_HOLDER = [
  'Sfn.ExecutionDoesNotExistException',
  'Sfn.ExecutionDoesNotExist',
  'Sfn.InvalidArnException',
];
