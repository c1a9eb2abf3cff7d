import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IntegrationPattern, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { CLUSTER_TAG } from '../../lambdas/contracts/cluster-config';
import { MOST_INSTANCES } from '../../lambdas/contracts/run-on-nodes';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult, RunOnNodesInput } from '../../lambdas/contracts/run-on-nodes';
import { assignments, set } from '../foundation/assign';
import type { CaughtError } from '../foundation/context';
import { context } from '../foundation/context';
import type { Expression, Reference, Variable } from '../foundation/expressions';
import { expression, jsonata, list, object, referTo, variable } from '../foundation/expressions';
import type { NodeStepDocuments } from './node-step-document';

/** SSM's word for an instance that it does not know, as the two generations of its API name it. */
export const NODE_LEFT = ['Ssm.InvalidInstanceIdException', 'Ssm.InvalidInstanceId'];

/** The execution's input, which all states after the first one read. */
export const request = variable<RunOnNodesInput>('request');
/** Those of its nodes that SSM reaches, and the others. */
export const online = variable<NamedInstance[]>('online');
export const offline = variable<NamedInstance[]>('offline');
export const namesOf = (nodes: Variable<NamedInstance[]>) => expression<string>`$join(${nodes.name}, ", ")`;
/** Milliseconds since 1970 after which the nodes have had all the time that they were given, and two minutes for SSM to notice it. */
export const deadline = variable<number>('deadline');
/** Empty until the command was sent. */
export const commandId = variable<string>('commandId');
export const sends = variable<number>('sends');
export const reads = variable<number>('reads');
/** What the command left on the nodes on which it has ended. */
export const results = variable<NodeResult[]>('results');
/** Why SSM did not take the command; its fields are empty until then. */
export const sendError = variable<CaughtError>('sendError');
/** What was told of is another command than the one that was sent. */
export const isForeign = variable<boolean>('isForeign');
/** How often this execution had been redriven when SSM was last asked whether the command was sent. */
const asked = variable<number>('asked');

const deadlineOf = ({ deliverySeconds, executionSeconds }: Reference<RunOnNodesInput>): Expression<number> =>
  expression`$toMillis(${context.State.EnteredTime}) + 1000 * (${deliverySeconds} + ${executionSeconds} + 120)`;

/** For one of the nodes: SSM lists it as online. */
const ANSWERS = expression<boolean>`instanceId in $states.result.InstanceInformationList[PingStatus = "Online"].InstanceId`;

/** Which of the nodes have an agent that answers; begins the execution, and keeps its input for all that follow. */
export function askSsm(scope: Construct): CallAwsService {
  const input = referTo<RunOnNodesInput>('$states.input');
  const ask = CallAwsService.jsonata(scope, 'Ask SSM which nodes answer', {
    service: 'ssm',
    action: 'describeInstanceInformation',
    iamAction: 'ssm:DescribeInstanceInformation',
    iamResources: ['*'],
    parameters: {
      Filters: [{ Key: 'InstanceIds', Values: jsonata(list(input.nodes.instanceId)) }],
      MaxResults: MOST_INSTANCES,
    },
    assign: assignments([
      set(request, input),
      // The brackets make one node a list of one, and none an empty list.
      set(online, expression`[${input.nodes}[${ANSWERS}]]`),
      set(offline, expression`[${input.nodes}[$not(${ANSWERS})]]`),
      set(deadline, deadlineOf(input)),
      // Written as an expression because asl-validator takes an empty text for a mistake.
      set(commandId, expression`""`),
      set(sendError, object<CaughtError>({ Error: expression`""`, Cause: expression`""` })),
      ...[set(sends, 0), set(reads, 0), set(results, []), set(asked, 0), set(isForeign, false)],
    ]),
  });
  ask.addRetry({
    errors: ['Ssm.SsmException', 'Ssm.SdkClientException'],
    interval: Duration.seconds(2),
    maxAttempts: 4,
  });
  return ask;
}

/**
 * Sends the command and waits, for a minute at most, for the event of its end. Never tried again by itself, because SendCommand knows
 * no client token and would run twice. For the same reason it refuses (the comment cannot be evaluated) when the execution was redriven
 * and nobody has asked since whether the command was sent.
 */
export function sendCommand(scope: Construct, documents: NodeStepDocuments): CallAwsService {
  return CallAwsService.jsonata(scope, 'Send the command', {
    service: 'ssm',
    action: 'sendCommand',
    iamAction: 'ssm:SendCommand',
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    heartbeatTimeout: Timeout.duration(Duration.seconds(60)),
    iamResources: documents.documentArns,
    additionalIamStatements: [
      new PolicyStatement({
        actions: ['ssm:SendCommand'],
        resources: [anyInstance(scope)],
        // The document's ARN would not have the tag, so it is allowed by a statement of its own.
        conditions: { StringLike: { [`ssm:resourceTag/${CLUSTER_TAG}`]: '*' } },
      }),
    ],
    parameters: {
      DocumentName: jsonata(request.document),
      // CloudFormation makes each new version the default one.
      DocumentVersion: '$DEFAULT',
      InstanceIds: jsonata(list(online.instanceId)),
      TimeoutSeconds: jsonata(request.deliverySeconds),
      MaxConcurrency: '100%',
      // One node's failure does not keep the others from answering.
      MaxErrors: '100%',
      Comment: jsonata(
        expression`${context.Execution.RedriveCount} = ${asked} ? ${context.Execution.Name} : $error("Redriven: ask SSM first whether the command was sent")`,
      ),
      Parameters: jsonata(
        expression`$merge([$each(${request.parameters}, function($value, $name) {{$name: [$value]}}), {"TaskToken": [${context.Task.Token}]}])`,
      ),
    },
    assign: assignments([set(commandId, referTo<string>('$states.result.commandId'))]),
  });
}

export const anyInstance = (scope: Construct) =>
  Stack.of(scope).formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' });

/** Looks for the command that this execution sent, by its comment; `commandId` is empty when there is none. */
export function findCommand(scope: Construct): CallAwsService {
  const find = CallAwsService.jsonata(scope, 'Find the command', {
    service: 'ssm',
    action: 'listCommands',
    iamAction: 'ssm:ListCommands',
    iamResources: ['*'],
    parameters: {
      // Of one node, because a page has 50 commands, and many clusters may be at work at once.
      InstanceId: jsonata(expression`${online}[0].instanceId`),
      Filters: [
        { Key: 'DocumentName', Value: jsonata(request.document) },
        // A minute earlier, should the clocks of Step Functions and SSM differ.
        {
          Key: 'InvokedAfter',
          Value: jsonata(
            expression`$fromMillis($toMillis(${context.Execution.StartTime}) - 60000, "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z")`,
          ),
        },
      ],
      MaxResults: 50,
    },
    assign: assignments([
      set(commandId, expression`[$states.result.Commands[Comment = ${context.Execution.Name}].CommandId, ""][0]`),
      set(asked, context.Execution.RedriveCount),
      set(deadline, deadlineOf(request)),
    ]),
  });
  find.addRetry({
    errors: ['Ssm.SsmException', 'Ssm.SdkClientException'],
    interval: Duration.seconds(2),
    maxAttempts: 4,
  });
  return find;
}
