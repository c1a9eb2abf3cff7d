import { Duration } from 'aws-cdk-lib';
import { Choice, Fail, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type {
  GroupOutcome,
  TurnOutcome,
  UpgradeWorkerInput,
  UpgradeWorkersInput,
  Waves,
  WorkerTurn,
} from '../../lambdas/contracts/upgrade-outcomes';
import { assignments, set } from '../foundation/assign';
import { caughtError, context } from '../foundation/context';
import {
  condition,
  expression,
  fieldsOf,
  is,
  jsonata,
  list,
  object,
  referTo,
  render,
  variable,
} from '../foundation/expressions';
import { acknowledgeVersionsOf } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { NestedWorkflow, runWorkflow } from '../foundation/nested-workflow';
import { requestOwnStop } from '../foundation/stop-request';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { inWaves, resultsOfWaves } from '../phases/waves';
import type { OperationFunctions } from './operation-functions';
import type { UpgradeWorker } from './upgrade-worker';

export interface UpgradeWorkersProps extends Pick<OperationFunctions, 'planWaves'> {
  runOnNodes: RunOnNodes;
  upgradeWorker: UpgradeWorker;
  lock: ClusterLock;
}

const request = variable<UpgradeWorkersInput>('request');
const facts = variable<NodeResult[]>('facts');
const plan = variable<Waves>('plan');
const failure = variable<Pick<TurnOutcome, 'node' | 'error' | 'cause'>>('failure');
const turns = variable<TurnOutcome[]>('turns');

/** A cause longer than this is left out: those of all that are under way have to fit into a state. */
const LONGEST_CAUSE = 6000;

/**
 * One group of workers in one hop: the canary alone, then a window of maxUnavailable that slides on as workers are done. What is left to
 * do is asked of the cluster first, so an execution that is begun again goes on. When a worker fails, those under way come to their end,
 * no other is begun, and it fails with that worker's failure.
 */
export class UpgradeWorkers extends NestedWorkflow {
  constructor(scope: Construct, id: string, props: UpgradeWorkersProps) {
    super(scope, id, {
      name: 'upgrade-workers',
      comment: 'Upgrades the workers of one group, the first one alone, then several at once',
      timeout: Duration.days(7),
      runs: [props.runOnNodes, props.upgradeWorker],
      definition: (states) => definition(states, props),
    });
    acknowledgeVersionsOf(this, props.planWaves);
  }
}

function definition(states: Construct, { runOnNodes, planWaves, upgradeWorker, lock }: UpgradeWorkersProps) {
  const input = referTo<UpgradeWorkersInput>('$states.input');
  const look = runOnNodesTask(states, 'Look at the cluster', runOnNodes, {
    step: 'inspect-for-upgrade',
    nodes: input.controlPlanes,
    parameters: { Version: 'none' },
    tolerateFailures: true,
    assign: [set(request, input)],
    assignTo: facts,
  });
  const makeWaves = lambdaTask(states, 'Plan the waves', {
    lambdaFunction: planWaves,
    payload: {
      version: request.hop.version,
      group: request.group,
      controlPlanes: list(request.controlPlanes),
      facts: list(facts),
    },
    assignTo: plan,
  });
  const workers = inWaves(
    states,
    'One wave after the other',
    {
      waves: plan.waves,
      itemsOf: (wave) => wave.workers,
      atOnce: plan.atOnce,
      assign: [set(turns, list(resultsOfWaves<TurnOutcome>()))],
    },
    oneWorker(states, { upgradeWorker, lock }),
  );

  const { outcome } = fieldsOf<TurnOutcome>();
  const of = (what: TurnOutcome['outcome']) => expression<TurnOutcome[]>`${turns}[${is(outcome, what)}]`;
  const haveAnyFailed = Choice.jsonata(states, 'Has a worker failed?');
  const first = expression<TurnOutcome>`${of('failed')}[0]`;
  const failedOne = Fail.jsonata(states, 'A worker has failed', {
    error: jsonata(expression`(${first}).error`),
    cause: jsonata(expression`(${first}).cause`),
  });
  const count = (what: TurnOutcome['outcome']) => expression<number>`$count(${of(what)})`;
  const done = Succeed.jsonata(states, 'This group is done', {
    outputs: jsonata(
      object<GroupOutcome>({
        group: request.group.group,
        upgraded: count('upgraded'),
        skipped: count('skipped'),
        notBegun: count('not-begun'),
        turns: expression`($all := $append($append(${of('skipped')}, ${of('not-begun')}), (${of('upgraded')})[[0..($floor(${request.keep} / 4) - 1)]]); [$all[[0..(${request.keep} - 1)]]])`,
      }),
    ),
  });
  haveAnyFailed.when(condition(expression`${count('failed')} > 0`), failedOne).otherwise(done);
  return look.next(makeWaves).next(workers).next(haveAnyFailed);
}

/** The turn of one worker. When it fails, no other is begun. */
function oneWorker(states: Construct, { upgradeWorker, lock }: Pick<UpgradeWorkersProps, 'upgradeWorker' | 'lock'>) {
  const worker = referTo<WorkerTurn>('$states.input');
  const upgrade = runWorkflow<UpgradeWorkerInput>(states, 'Upgrade the worker', {
    stateMachine: upgradeWorker,
    input: {
      lock: request.lock,
      settings: request.settings,
      hop: request.hop,
      turn: worker.turn,
      on: worker.on,
      group: context.Execution.Id,
    },
    outputs: referTo('$states.result.Output'),
  });
  const stopOthers = requestOwnStop(states, 'Begin no other worker', {
    ...{ table: lock.table, cluster: request.lock.cluster },
  });
  const workerFailed = Succeed.jsonata(states, 'This worker has failed', {
    outputs: render({
      ...{ node: failure.node, outcome: 'failed', seconds: {}, error: failure.error, cause: failure.cause },
    }) as Record<string, unknown>,
  });

  upgrade.addCatch(stopOthers, {
    assign: assignments([
      set(failure, {
        node: worker.turn.name,
        error: caughtError.Error,
        cause: expression<string>`$length(${caughtError.Cause}) > ${LONGEST_CAUSE} ? "" : ${caughtError.Cause}`,
      }),
    ]),
  });
  stopOthers.next(workerFailed);
  return upgrade;
}
