import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail, Succeed, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { CLUSTER_TAG } from '../../lambdas/contracts/cluster-config';
import { acknowledgeWildcards } from '../foundation/acknowledge';
import type { CommandResults, NodeFailure, NodeResult, ReadCommandInput } from '../../lambdas/contracts/run-on-nodes';
import { assignments, set } from '../foundation/assign';
import { context, caughtError } from '../foundation/context';
import type { Expression } from '../foundation/expressions';
import { condition, expression, fieldsOf, jsonata, list, object, referTo, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import { LambdaFunction, acknowledgeVersionsOf } from '../foundation/lambda-function';
import type { ClusterLock } from '../foundation/lock';
import { APP } from '../foundation/names';
import { executionsOfOperations } from '../foundation/operation-arns';
import { Workflow } from '../foundation/workflow';
import type { NodeStepDocuments } from './node-step-document';
import {
  NODE_LEFT,
  anyInstance,
  askSsm,
  commandId,
  deadline,
  findCommand,
  isForeign,
  namesOf,
  offline,
  online,
  reads,
  results,
  request,
  sendCommand,
  sendError,
  sends,
} from './run-on-nodes-commands';
import { changesNodes, demandLock, HOLDERS, isHeldByOperation } from './run-on-nodes-lock';

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
 * A command is sent once. Its end comes as an event; when none has come within a minute, or when it is not known whether it was
 * sent, SSM is asked for the command by its comment, and the results are read until they are all there.
 */
export class RunOnNodes extends Workflow {
  constructor(scope: Construct, id: string, props: RunOnNodesProps) {
    const readCommand = new LambdaFunction<ReadCommandInput, CommandResults>(scope, 'ReadCommand', {
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
      definition: (states) => definition(states, props, readCommand),
    });
    acknowledgeWildcards(this, [anyInstance(this)], `Any instance, provided that it carries the tag ${CLUSTER_TAG}.`);
    acknowledgeWildcards(
      this,
      executionsOfOperations(this, HOLDERS),
      'Any execution of an operation that may hold a lock: their names are not known beforehand.',
    );
    acknowledgeVersionsOf(this, readCommand);
    this.hearOfEndedCommands(scope);
  }

  /** SSM's event at the end of a command wakes up the execution that waits for it. Events may get lost: see the class comment. */
  private hearOfEndedCommands(scope: Construct): void {
    const completeCommand = new LambdaFunction(scope, 'CompleteCommand', {
      name: 'complete-command',
      description: 'Tells a waiting RunOnNodes execution that its command has ended',
      permissions: [
        { actions: ['states:SendTaskSuccess'], resources: [this.stateMachineArn] },
        {
          actions: ['ssm:ListCommands'],
          resources: ['*'],
          because: 'IAM has no resource-level permissions for listing commands.',
        },
      ],
    });
    new Rule(scope, 'CommandEnded', {
      description: 'A command with one of the documents of this app has changed its status',
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['EC2 Command Status-change Notification'],
        detail: { 'document-name': [{ prefix: `${APP}-` }] },
      },
      targets: [new LambdaTarget(completeCommand)],
    });
  }
}

/** Of the command on all nodes that were asked: whether it has ended, what it left, and on which nodes it has not ended. */
const finished = variable<boolean>('finished');
const failed = variable<NodeResult[]>('failed');
const unfinished = variable<string>('unfinished');

const { instanceId, name, failure } = fieldsOf<NodeResult>();
/** The result of a node that left none. */
const silent = (error: NodeFailure['error'], message: Expression<string>) =>
  object<Pick<NodeResult, 'instanceId' | 'name' | 'failure'>>({
    ...{ instanceId, name },
    failure: object<Pick<NodeFailure, 'error' | 'message'>>({ error: expression`${error}`, message }),
  });

function definition(
  states: Construct,
  { documents, lock }: RunOnNodesProps,
  readCommand: LambdaFunction<ReadCommandInput, CommandResults>,
): Chain {
  const ask = askSsm(states);

  const allAnswer = Choice.jsonata(states, 'Do the nodes answer?');
  const unreachable = Fail.jsonata(states, 'Nodes do not answer', {
    error: 'NodeUnreachable',
    cause: jsonata(
      expression`$string({"node": ${namesOf(offline)}, "message": "Run Command does not reach " & ${namesOf(offline)} & ": see that the instance runs and its SSM agent is online."})`,
    ),
  });

  const { noOperation, describe, hold } = demandLock(states, lock);
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

  const answer = referTo<CommandResults>('$states.result.Payload');
  const read = lambdaTask(states, 'Read the results', {
    lambdaFunction: readCommand,
    payload: { commandId, document: request.document, nodes: list(online), comment: context.Execution.Name },
    assign: [
      set(finished, answer.finished),
      set(results, list(answer.nodes)),
      set(failed, expression`[${answer.nodes}[$exists(${failure})]]`),
      set(unfinished, expression`$join(${list(answer.pending)}, ", ")`),
      set(reads, expression`${reads} + 1`),
      set(isForeign, expression`$exists(${answer.foreign})`),
    ],
  });
  const haveAllEnded = Choice.jsonata(states, 'Have all nodes ended?');
  const wait = Wait.jsonata(states, 'Wait for the nodes', {
    time: WaitTime.seconds(jsonata(expression`${WAITS}[$min([${reads}, ${WAITS.length}]) - 1]`)),
  });
  const timedOut = Fail.jsonata(states, 'Nodes took too long', {
    error: 'NodeStepTimedOut',
    cause: jsonata(
      expression`$string({"node": ${unfinished}, "message": ${request.document} & " has not ended in time on " & ${unfinished} & ": it may still run there; look at the node before you start again."})`,
    ),
  });
  const nodeFailed = Fail.jsonata(states, 'A node failed', {
    error: jsonata(expression`${failed}[0].${failure.error}`),
    cause: jsonata(expression`$string($merge([{"node": ${failed}[0].${name}}, ${failed}[0].${failure}]))`),
  });
  const done = Succeed.jsonata(states, 'All nodes have ended', {
    outputs: {
      commandId: jsonata(commandId),
      nodes: jsonata(
        expression`[${results}, ${online}[$not(${instanceId} in ${results.instanceId})].${silent('NodeStepTimedOut', expression`${request.document} & " has not ended in time on " & ${name} & ": it may still run there."`)}, ${offline}.${silent('NodeUnreachable', expression`"Run Command does not reach " & ${name} & "."`)}]`,
      ),
    },
  });

  const isTolerant = request.tolerateFailures;
  const isTooLate = expression<boolean>`$toMillis(${context.State.EnteredTime}) > ${deadline}`;
  send.addCatch(left, { errors: NODE_LEFT });
  send.addCatch(settle, {
    assign: assignments([set(sendError, caughtError), set(sends, expression`${sends} + 1`)]),
  });

  allAnswer
    .when(condition(expression`${changesNodes} and $not(${isHeldByOperation})`), noOperation)
    .when(condition(expression`$count(${offline}) > 0 and $not(${isTolerant})`), unreachable)
    .when(condition(expression`$count(${online}) = 0`), done)
    .when(condition(changesNodes), describe)
    .otherwise(send);
  wasSent
    .when(condition(expression`${commandId} != ""`), read)
    // The lock may have been given back meanwhile, when this execution was redriven.
    .when(condition(isForeign), notOurs)
    .when(condition(expression`${sends} < 2 and ${changesNodes}`), describe)
    .when(condition(expression`${sends} < 2`), send)
    .otherwise(notSent);
  haveAllEnded
    // Whoever has a task token may tell of another command, such as one that has ended well.
    .when(condition(isForeign), settle)
    .when(condition(expression`${finished} and (${isTolerant} or $count(${failed}) = 0)`), done)
    .when(condition(finished), nodeFailed)
    .when(condition(expression`${isTooLate} and ${isTolerant}`), done)
    .when(condition(isTooLate), timedOut)
    .otherwise(wait);

  hold.next(send);
  send.next(read).next(haveAllEnded);
  settle.next(find).next(wasSent);
  wait.next(read);
  return ask.next(allAnswer);
}
