import { Duration } from 'aws-cdk-lib';
import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { DynamoPutItem } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { CLUSTER_TAG } from '../../lambdas/contracts/cluster-config';
import type { NamedInstance } from '../../lambdas/contracts/node';
import { isReadOnly, OPERATIONS } from '../../lambdas/contracts/operation';
import { assignments, set } from '../foundation/assign';
import { context } from '../foundation/context';
import { condition, expression, jsonata, list, variable } from '../foundation/expressions';
import type { ClusterLock } from '../foundation/lock';
import { LOCK_HELD_BY_ANOTHER } from '../foundation/lock';
import { APP } from '../foundation/names';
import { AFTERWARDS, executionsOfOperations } from '../foundation/operation-arns';
import { documentName } from './node-step-document';
import type { NodeStepName } from './node-steps';
import { NODE_STEPS } from './node-steps';
import { namesOf, online, request } from './run-on-nodes-commands';

const READING = (Object.keys(NODE_STEPS) as NodeStepName[])
  .filter((step) => !NODE_STEPS[step].changesNode)
  .map(documentName);

/** By the document that is to be run, not by what the caller says of it. One that is none of these by name may be any, by its ARN for instance. */
export const changesNodes = expression<boolean>`$not(${request.document} in ${READING})`;

/** Who may hold a lock: operations that change something, and what uncordons nodes after one. */
export const HOLDERS = [...OPERATIONS.filter((operation) => !isReadOnly(operation)), AFTERWARDS] as const;

/** The lock's holder is an execution of one of this app's operations, in this account and region. */
export const isHeldByOperation = expression<boolean>`$substringBefore(${request.lock.holder}, ":execution:") = $substringBefore(${context.StateMachine.Id}, ":stateMachine:") and $split($substringAfter(${request.lock.holder}, ":execution:"), ":")[0] in ${HOLDERS.map((operation) => `${APP}-${operation}`)}`;

/** The holder is at work on this very cluster. */
const isAtWork = variable<boolean>('isAtWork');

/** Whether the holder of the lock runs: whoever may start RunOnNodes could name one that has ended. */
function describeHolder(scope: Construct): CallAwsService {
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

/** Those of the nodes that do not carry the tag of the lock's cluster. */
const strangers = variable<NamedInstance[]>('strangers');

/** Of which cluster the nodes are, by their tags: the lock of a cluster is for its own nodes. (DescribeInstances of fifty could outgrow a state.) */
function describeTags(scope: Construct): CallAwsService {
  const describe = CallAwsService.jsonata(scope, 'Look at the tags of the nodes', {
    service: 'ec2',
    action: 'describeTags',
    iamAction: 'ec2:DescribeTags',
    iamResources: ['*'],
    parameters: {
      Filters: [
        { Name: 'key', Values: [CLUSTER_TAG] },
        { Name: 'resource-id', Values: jsonata(list(online.instanceId)) },
      ],
    },
    assign: assignments([
      set(
        strangers,
        expression`[${online}[$not(instanceId in $states.result.Tags[Value = ${request.lock.cluster}].ResourceId)]]`,
      ),
    ]),
  });
  describe.addRetry({
    errors: ['Ec2.Ec2Exception', 'Ec2.SdkClientException'],
    interval: Duration.seconds(2),
    maxAttempts: 4,
  });
  return describe;
}

/** Step Functions does not know the holder, as its API and its SDK integration name it. */
const NO_SUCH_HOLDER = ['Sfn.ExecutionDoesNotExistException', 'Sfn.ExecutionDoesNotExist', 'Sfn.InvalidArnException'];

/** From the look at the lock's holder to the hold of the lock, after which the command is sent; and the end of what no operation asks for. */
export function demandLock(
  states: Construct,
  lock: ClusterLock,
): { noOperation: Fail; describe: CallAwsService; hold: DynamoPutItem } {
  const noOperation = Fail.jsonata(states, 'No operation asks for it', {
    error: 'InvalidInput',
    cause: jsonata(
      expression`${request.document} & " changes nodes, so it runs only for an operation of this app that holds the cluster's lock; it got no such lock, and nothing was sent: start the operation itself."`,
    ),
  });
  const describe = describeHolder(states);
  const tags = describeTags(states);
  const belong = Choice.jsonata(states, 'Are the holder and the nodes of this cluster?');
  const ended = Fail.jsonata(states, 'The holder of the lock is not at work', {
    error: 'ClusterLocked',
    cause: jsonata(
      expression`"Nothing was sent to " & ${namesOf(online)} & ", because " & ${request.lock.holder} & " is not at work on " & ${request.lock.cluster} & " now, and only a running operation may change nodes: start the operation again."`,
    ),
  });
  const stranger = Fail.jsonata(states, 'A node is of another cluster', {
    error: 'InvalidInput',
    cause: jsonata(
      expression`"Nothing was sent to " & ${namesOf(online)} & ", because the lock of " & ${request.lock.cluster} & " is for its own nodes, and " & $join(${strangers.instanceId}, ", ") & " does not carry the tag " & ${`${CLUSTER_TAG}=`} & ${request.lock.cluster} & ": correct the tag and start the operation again."`,
    ),
  });
  const hold = lock.hold(states, 'Hold the lock', {
    cluster: request.lock.cluster,
    holder: request.lock.holder,
    operation: expression`$substringAfter($split(${request.lock.holder}, ":")[6], ${`${APP}-`})`,
    since: request.lock.since,
  });
  const locked = Fail.jsonata(states, 'The lock is not ours', {
    error: 'ClusterLocked',
    cause: jsonata(
      expression`"Cluster " & ${request.lock.cluster} & " is locked by another operation, so nothing was sent to " & ${namesOf(online)} & ": start again when it has ended."`,
    ),
  });

  hold.addCatch(locked, { errors: LOCK_HELD_BY_ANOTHER });
  describe.addCatch(ended, { errors: NO_SUCH_HOLDER });
  describe.next(tags).next(belong);
  belong
    .when(condition(expression`$not(${isAtWork})`), ended)
    .when(condition(expression`$count(${strangers}) > 0`), stranger)
    .otherwise(hold);
  return { noOperation, describe, hold };
}
