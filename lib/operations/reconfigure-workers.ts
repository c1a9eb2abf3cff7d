import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { ReconfigurationPlan } from '../../lambdas/contracts/reconfigure';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import { expression, fieldsOf, is, list, referTo, variable } from '../foundation/expressions';
import type { ClusterLock } from '../foundation/lock';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { unlessStopped } from '../phases/unless-stopped';

export interface ReconfigureWorkersProps {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  cluster: Expression<string>;
  plan: Variable<ReconfigurationPlan>;
  /** Names of nodes on which something changed, and of those that were not begun: to be added to. */
  changedNodes: Variable<string[]>;
  notBegun: Variable<string[]>;
}

/** What one command is for. */
const batch = variable<NamedInstance[]>('batch');
const { name } = fieldsOf<NodeResult>();
const { begun } = fieldsOf<{ begun: boolean }>();
/** In the `assign` of a state whose result is a list of what nodes answered. */
const ofWorkers = expression<Sequence<NodeResult>>`$reduce($states.result, $append, [])`;

/** The kubelets of workers: one worker's first, then those of fifty at a time. */
export function reconfigureWorkers(
  states: Construct,
  { runOnNodes, lock, cluster, plan, changedNodes, notBegun }: ReconfigureWorkersProps,
): Chain {
  const turn = (title: string, what: string) =>
    unlessStopped(
      states,
      {
        ...{ table: lock.table, cluster, what },
        assign: [set(batch, referTo<unknown>('$states.input') as Expression<NamedInstance[]>)],
        notBegun: expression`[$map(${batch}, function($worker) {$merge([$worker, {"begun": false}])})]`,
      },
      runOnNodesTask(states, title, runOnNodes, {
        step: 'reconfigure-kubelet',
        nodes: list(batch),
        parameters: { Arguments: plan.parameters.kubeletArguments, Patches: plan.parameters.workerPatches },
        lockOf: cluster,
        outputs: nodeResults,
      }),
    );
  const assign = [
    set(changedNodes, expression<string[]>`[$append(${changedNodes}, ${ofWorkers}[result.changed = true].${name})]`),
    set(notBegun, expression<string[]>`[$append(${notBegun}, ${ofWorkers}[${is(begun, false)}].${name})]`),
  ];
  return fiftyAtATime(
    states,
    'First one worker',
    { nodes: plan.canary, assign },
    turn("Reconfigure the worker's kubelet", 'the first worker'),
  ).next(
    fiftyAtATime(
      states,
      'Then the other workers',
      { nodes: plan.workers, assign },
      turn('Reconfigure kubelets of fifty at a time', 'these workers'),
    ),
  );
}
