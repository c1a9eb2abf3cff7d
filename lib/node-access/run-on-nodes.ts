import { Duration } from 'aws-cdk-lib';
import { Chain, Choice, Fail, Succeed, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { CLUSTER_TAG } from '../../lambdas/contracts/cluster-config';
import { acknowledgeWildcards } from '../foundation/acknowledge';
import {
  COMMAND_IS_FOREIGN,
  COMMAND_RUNS,
  MAY_NOT_BE_SENT,
  NO_NODE_ANSWERS,
  NODE_FAILURES,
} from '../../lambdas/contracts/run-on-nodes';
import type {
  CheckCommandInput,
  CommandTargets,
  ReadCommandInput,
  RunOnNodesInput,
  RunOnNodesOutput,
} from '../../lambdas/contracts/run-on-nodes';
import { assignments, set } from '../foundation/assign';
import type { CaughtError } from '../foundation/context';
import { context, caughtError } from '../foundation/context';
import { condition, expression, jsonata, list, object, referTo, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import { LambdaFunction, acknowledgeVersionsOf } from '../foundation/lambda-function';
import type { ClusterLock } from '../foundation/lock';
import { describeExecutions } from '../foundation/operation-arns';
import { Workflow } from '../foundation/workflow';
import { hearOfEndedCommands } from './ended-commands';
import type { NodeStepDocuments } from './node-step-document';
import {
  NODE_LEFT,
  anyInstance,
  beginning,
  checkCommand,
  commandId,
  deadline,
  findCommand,
  isForeign,
  namesOf,
  offline,
  online,
  reads,
  request,
  sendCommand,
  sendError,
  sends,
} from './run-on-nodes-commands';

export interface RunOnNodesProps {
  /** What may be run on nodes: nothing else. */
  documents: NodeStepDocuments;
  lock: ClusterLock;
}

/** How long to wait before the results are read again: often at first, then every half minute. */
const WAITS = [5, 10, 20, 30];

/**
 * The one road to a node. Input: RunOnNodesInput; output: RunOnNodesOutput. Fails with NodeUnreachable, NodeStepTimedOut or
 * NodeStepFailed, and a cause that is JSON with the node and a sentence; with ClusterLocked when the lock is not the
 * caller's; and with AWS's own errors (of SSM, DynamoDB, Lambda, States.*) under their own names.
 *
 * Whether it may be sent, and what it left, are questions to functions that answer by failing where it goes another way: each state is billed,
 * and this machine runs four times for each node of an upgrade.
 *
 * A command is sent once. Its end comes as an event; when none has come within a minute, or when it is not known whether it was
 * sent, SSM is asked for the command by its comment, and the results are read until they are all there.
 */
export class RunOnNodes extends Workflow {
  constructor(scope: Construct, id: string, props: RunOnNodesProps) {
    const check = new LambdaFunction<CheckCommandInput, CommandTargets>(scope, 'CheckCommand', {
      name: 'check-command',
      description: 'Decides whether a command may be sent: its nodes answer, and its operation holds the lock',
      environment: { LOCK_TABLE: props.lock.table.tableName },
      permissions: [
        {
          actions: ['ssm:DescribeInstanceInformation', 'ec2:DescribeTags'],
          resources: ['*'],
          because: 'IAM has no resource-level permissions for describing agents and tags.',
        },
        describeExecutions(scope),
        { actions: ['dynamodb:PutItem'], resources: [props.lock.table.tableArn] },
      ],
    });
    const readCommand = new LambdaFunction<ReadCommandInput, RunOnNodesOutput>(scope, 'ReadCommand', {
      name: 'read-command',
      description: 'Reads what a command left on each node',
      // Up to 50 nodes, one call each.
      timeout: Duration.minutes(2),
      permissions: [
        {
          actions: ['ssm:GetCommandInvocation', 'ssm:ListCommandInvocations'],
          resources: ['*'],
          because: 'IAM has no resource-level permissions for reading the results of commands.',
        },
      ],
    });

    super(scope, id, {
      name: 'run-on-nodes',
      comment: 'Runs one script on nodes through SSM Run Command and answers with one result for each node',
      // The longest node step, its delivery and the time until its end is believed.
      timeout: Duration.minutes(75),
      definition: (states) => definition(states, props, check, readCommand),
    });
    acknowledgeWildcards(this, [anyInstance(this)], `Any instance, provided that it carries the tag ${CLUSTER_TAG}.`);
    acknowledgeVersionsOf(this, check, readCommand);
    hearOfEndedCommands(scope, this);
  }
}

/** A function that failed, in words: Lambda wraps them. */
const whatItSaid = expression<string>`$parse(${caughtError.Cause}).errorMessage`;

function definition(
  states: Construct,
  { documents }: RunOnNodesProps,
  check: LambdaFunction<CheckCommandInput, CommandTargets>,
  readCommand: LambdaFunction<ReadCommandInput, RunOnNodesOutput>,
): Chain {
  const input = referTo<RunOnNodesInput>('$states.input');
  const checkFirst = checkCommand(states, 'Check the nodes and the lock', check, input, beginning(input));
  // The lock may have been given back meanwhile, when this execution was redriven.
  const checkAgain = checkCommand(states, 'Check the nodes and the lock again', check, request);
  const mayNot = failure(states, 'It may not be sent');
  const noneAnswers = Succeed.jsonata(states, 'No node answers', {
    outputs: {
      // Written as an expression because asl-validator takes an empty text for a mistake.
      commandId: jsonata(expression`""`),
      nodes: jsonata(
        expression`[${context.Execution.Input}.nodes.{ "instanceId": instanceId, "name": name, "failure": { "error": "NodeUnreachable", "message": "Run Command does not reach " & name & "." } }]`,
      ),
    },
  });

  const send = sendCommand(states, documents);
  const left = Fail.jsonata(states, 'A node has left', {
    error: 'NodeUnreachable',
    cause: jsonata(
      expression`$string({"node": ${namesOf(online)}, "message": "SSM no longer knows one of " & ${namesOf(online)} & ": see that all of them still run, and start again."})`,
    ),
  });

  const settle = Wait.jsonata(states, 'Wait until SSM shows new commands', {
    time: WaitTime.duration(Duration.seconds(5)),
  });
  const find = findCommand(states);
  const wasSent = Choice.jsonata(states, 'Was it sent?');
  const notSent = Fail.jsonata(states, 'The command could not be sent', {
    error: 'NodeStepFailed',
    cause: jsonata(
      expression`$string({"node": ${namesOf(online)}, "step": "send the command", "message": "SSM took no command for " & ${namesOf(online)} & ", so nothing was run there (" & ${sendError.Error} & ": " & ${sendError.Cause} & "): correct that and start the operation again."})`,
    ),
  });
  const notOurs = Fail.jsonata(states, 'The command is not the one that was sent', {
    error: 'NodeStepFailed',
    cause: jsonata(
      expression`$string({"node": ${namesOf(online)}, "step": "wait for the command", "message": "The end of another command was told than that of " & ${request.document} & ", which SSM does not list for " & ${namesOf(online)} & " and which may still run there: look at the nodes before you start again."})`,
    ),
  });

  const read = lambdaTask(states, 'Read the results', {
    lambdaFunction: readCommand,
    payload: {
      commandId,
      document: request.document,
      nodes: list(online),
      offline: list(offline),
      comment: context.Execution.Name,
      about: expression<string>`[${request.about.name}, ""][0]`,
      tolerateFailures: request.tolerateFailures,
      isLate: expression<boolean>`$toMillis(${context.State.EnteredTime}) > ${deadline}`,
    },
    outputs: referTo<RunOnNodesOutput>('$states.result.Payload'),
  });
  const wait = Wait.jsonata(states, 'Wait for the nodes', {
    time: WaitTime.seconds(jsonata(expression`${WAITS}[$min([${reads}, ${WAITS.length}]) - 1]`)),
  });
  const nodeFailed = failure(states, 'A node failed');

  for (const each of [checkFirst, checkAgain]) {
    each.addCatch(noneAnswers, { errors: [NO_NODE_ANSWERS] });
    each.addCatch(mayNot, { errors: [...MAY_NOT_BE_SENT], assign: FAILED });
    each.next(send);
  }
  send.addCatch(left, { errors: NODE_LEFT });
  send.addCatch(settle, {
    assign: assignments([set(sendError, caughtError), set(sends, expression`${sends} + 1`)]),
  });
  wasSent
    .when(condition(expression`${commandId} != ""`), read)
    .when(condition(isForeign), notOurs)
    .when(condition(expression`${sends} < 2`), checkAgain)
    .otherwise(notSent);
  read.addCatch(wait, { errors: [COMMAND_RUNS], assign: assignments([set(reads, expression`${reads} + 1`)]) });
  // Whoever has a task token may tell of another command, such as one that has ended well.
  read.addCatch(settle, { errors: [COMMAND_IS_FOREIGN], assign: assignments([set(isForeign, true)]) });
  read.addCatch(nodeFailed, { errors: [...NODE_FAILURES], assign: FAILED });

  send.next(read);
  settle.next(find).next(wasSent);
  wait.next(read);
  return Chain.start(checkFirst);
}

const failed = variable<CaughtError>('failed');
const FAILED = assignments([set(failed, object<CaughtError>({ Error: caughtError.Error, Cause: whatItSaid }))]);

/** Ends the execution as one of its functions failed, in that function's own words. */
const failure = (states: Construct, name: string): Fail =>
  Fail.jsonata(states, name, { error: jsonata(failed.Error), cause: jsonata(failed.Cause) });
