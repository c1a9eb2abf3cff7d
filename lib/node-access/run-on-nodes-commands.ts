import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IntegrationPattern, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { CLUSTER_TAG } from '../../lambdas/contracts/cluster-config';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type {
  CheckCommandInput,
  CommandTargets,
  OperationLock,
  RunOnNodesInput,
} from '../../lambdas/contracts/run-on-nodes';
import type { Assignment } from '../foundation/assign';
import { assignments, set } from '../foundation/assign';
import type { CaughtError } from '../foundation/context';
import { context } from '../foundation/context';
import type { Expression, Reference, Variable } from '../foundation/expressions';
import { expression, jsonata, list, object, referTo, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { NodeStepDocuments } from './node-step-document';
import { documentName } from './node-step-document';
import type { NodeStepName } from './node-steps';
import { NODE_STEPS } from './node-steps';

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
/** Why SSM did not take the command; its fields are empty until then. */
export const sendError = variable<CaughtError>('sendError');
/** What was told of is another command than the one that was sent. */
export const isForeign = variable<boolean>('isForeign');
/** How often this execution had been redriven when SSM was last asked whether the command was sent. */
const asked = variable<number>('asked');

const deadlineOf = ({ deliverySeconds, executionSeconds }: Reference<RunOnNodesInput>): Expression<number> =>
  expression`$toMillis(${context.State.EnteredTime}) + 1000 * (${deliverySeconds} + ${executionSeconds} + 120)`;

/** Documents that change no node. */
const READING = (Object.keys(NODE_STEPS) as NodeStepName[])
  .filter((step) => !NODE_STEPS[step].changesNode)
  .map(documentName);
/** By the document that is to be run, not by what the caller says of it. One that is none of these by name may be any, by its ARN for instance. */
const changesNodes = ({ document }: Reference<RunOnNodesInput>) => expression<boolean>`$not(${document} in ${READING})`;

/** Whether the command may be sent, and to which nodes; for one that changes them it holds the lock. */
export function checkCommand(
  scope: Construct,
  name: string,
  checkCommand: LambdaFunction<CheckCommandInput, CommandTargets>,
  of: Reference<RunOnNodesInput>,
  assign: Assignment[] = [],
): LambdaInvoke {
  const { online: reached, offline: others } = referTo<CommandTargets>('$states.result.Payload');
  return lambdaTask(scope, name, {
    lambdaFunction: checkCommand,
    payload: {
      document: of.document,
      changesNodes: changesNodes(of),
      nodes: list(of.nodes),
      tolerateFailures: of.tolerateFailures,
      lock: expression<OperationLock | null>`[${of.lock}, null][0]`,
      stateMachine: context.StateMachine.Id,
    },
    assign: [set(online, list(reached)), set(offline, list(others)), ...assign],
  });
}

/** What the first state keeps for all that follow. */
export const beginning = (input: Reference<RunOnNodesInput>): Assignment[] => [
  set(request, input),
  set(deadline, deadlineOf(input)),
  // Written as an expression because asl-validator takes an empty text for a mistake.
  set(commandId, expression`""`),
  set(sendError, object<CaughtError>({ Error: expression`""`, Cause: expression`""` })),
  ...[set(sends, 0), set(reads, 0), set(asked, 0), set(isForeign, false)],
];

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
