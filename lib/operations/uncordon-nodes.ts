import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Fail, Parallel, Pass, Succeed, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FindNodesInput, FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { OperationName } from '../../lambdas/contracts/operation';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { UncordonNodesInput } from '../../lambdas/contracts/uncordon-nodes';
import type { ClusterFacts } from '../../lambdas/contracts/upgrade-facts';
import { assignments, set } from '../foundation/assign';
import type { CaughtError } from '../foundation/context';
import { caughtError, context } from '../foundation/context';
import type { Expression, Payload, Sequence } from '../foundation/expressions';
import { condition, expression, fieldsOf, is, jsonata, referTo, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { acknowledgeVersionsOf } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { LOCK_HELD_BY_ANOTHER } from '../foundation/lock';
import { AFTERWARDS } from '../foundation/operation-arns';
import { NestedWorkflow } from '../foundation/nested-workflow';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { oneAtATime } from '../phases/one-at-a-time';
import { tellOperators } from '../phases/tell';
import type { OperationFunctions } from './operation-functions';

export interface UncordonNodesProps extends Pick<OperationFunctions, 'findNodes'> {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  topic: ITopic;
}

const request = variable<UncordonNodesInput>('request');
const found = variable<FoundNodes<'upgrade' | 'remove-node'>>('found');
const facts = variable<NodeResult[]>('facts');
const looks = variable<number>('looks');
const failure = variable<CaughtError>('failure');

/** A kubelet of another minor restarts every container of its node: a single API server is away for a minute or two then. */
const LOOKS = { most: 15, everySeconds: 20 };

/**
 * Gives back what an operation left cordoned that ended before its end, however it ended: every node that says of itself that this app
 * cordoned it takes pods again. Takes over the operation's lock, which is nobody else's until then, and gives it back.
 */
export class UncordonNodes extends NestedWorkflow {
  constructor(scope: Construct, id: string, props: UncordonNodesProps) {
    super(scope, id, {
      name: AFTERWARDS,
      comment: 'Uncordons what an operation left cordoned, and gives its lock back',
      timeout: Duration.hours(2),
      runs: [props.runOnNodes],
      definition: (states) => definition(states, props),
    });
    acknowledgeVersionsOf(this, props.findNodes);
  }
}

function definition(states: Construct, { runOnNodes, lock, topic, findNodes }: UncordonNodesProps) {
  const input = referTo<UncordonNodesInput>('$states.input');
  const find = lambdaTask(states, 'Find the nodes', {
    lambdaFunction: findNodes as LambdaFunction<FindNodesInput, unknown> as LambdaFunction<
      FindNodesInput,
      FoundNodes<'upgrade' | 'remove-node'>
    >,
    payload: { operation: request.operation as Expression<OperationName>, input: request.input as Payload<unknown> },
    assignTo: found,
    assign: [set(looks, expression`0`)],
  });
  const look = runOnNodesTask(states, 'Look which nodes are cordoned', runOnNodes, {
    step: 'inspect-for-upgrade',
    nodes: found.reachable,
    parameters: { Version: 'none' },
    tolerateFailures: true,
    assignTo: facts,
    assign: [set(looks, expression`${looks} + 1`)],
  });
  const { cluster } = fieldsOf<{ cluster: ClusterFacts }>();
  const { cordoned } = fieldsOf<ClusterFacts['nodes'][number]>();
  const able = expression<NodeResult>`(${facts}[$exists(result.${cluster})])[0]`;
  const names = expression<Sequence<string>>`(${able}).result.cluster.nodes[${is(cordoned, 'us')}].names`;
  const uncordon = runOnNodesTask(states, 'Uncordon the node', runOnNodes, {
    step: 'uncordon-node',
    nodes: able,
    parameters: { Node: referTo<string>('$states.input'), Version: 'none' },
    lockOf: request.lock.cluster,
  });
  const uncordonAll = oneAtATime(states, 'Uncordon one after the other', { items: names }, uncordon);
  const isSeen = Choice.jsonata(states, 'Does a node reach the API server?')
    .when(condition(expression`$exists(${able})`), uncordonAll)
    .when(
      condition(expression`${looks} >= ${LOOKS.most}`),
      Fail.jsonata(states, 'No node reaches the API server', {
        error: 'ApiServerNotReached',
        cause: `No node could tell which nodes are cordoned: none reached an API server in ${LOOKS.most} attempts, ${LOOKS.everySeconds} s apart.`,
      }),
    )
    .otherwise(
      Wait.jsonata(states, 'Wait for an API server', {
        time: WaitTime.duration(Duration.seconds(LOOKS.everySeconds)),
      }).next(look),
    );

  const held = { cluster: request.lock.cluster, holder: context.Execution.Id };
  const takeOver = lock.takeFrom(states, 'Take the lock over', request.lock.holder, {
    ...held,
    operation: expression`${AFTERWARDS}`,
    since: context.Execution.StartTime,
  });
  takeOver.addCatch(Succeed.jsonata(states, 'Another operation sees to it'), { errors: LOCK_HELD_BY_ANOTHER });
  const giveBack = lock.release(states, 'Give the lock back', held);
  const giveBackAllTheSame = lock.release(states, 'Give the lock back all the same', held);
  const all = Parallel.jsonata(states, 'Uncordon what was left cordoned', {
    comment: 'One branch, so that one Catch holds for all steps',
    outputs: {},
  });
  const take = Pass.jsonata(states, 'Take the operation', { assign: assignments([set(request, input)]) });
  const tell = tellOperators(states, {
    topic,
    cluster: request.lock.cluster,
    subject: expression`${request.lock.cluster} & ": nodes may still be cordoned"`,
    text: expression`${request.operation} & " of " & ${request.lock.cluster} & " has ended, and the nodes that it had drained could not be uncordoned (" & ${failure.Error} & "): see with kubectl get nodes which are SchedulingDisabled, and start the operation again, or run kubectl uncordon.\\n\\nRunbook (docs/operator-runbook.md): \\"Nodes left cordoned\\""`,
  });
  const failed = Fail.jsonata(states, 'Nodes may still be cordoned', {
    error: jsonata(failure.Error),
    cause: jsonata(expression`[${failure.Cause}, ""][0]`),
  });
  all.branch(find.next(look).next(isSeen));
  all.addCatch(tell, { assign: assignments([set(failure, caughtError)]) });
  tell.addCatch(giveBackAllTheSame);
  tell.next(giveBackAllTheSame);
  giveBackAllTheSame.addCatch(failed);
  giveBackAllTheSame.next(failed);
  return take.next(takeOver).next(all).next(giveBack).next(Succeed.jsonata(states, 'Nothing of ours is cordoned'));
}
