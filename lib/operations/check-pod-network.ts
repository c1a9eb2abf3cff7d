import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CreatePlan } from '../../lambdas/contracts/create';
import type { ProbePods } from '../../lambdas/contracts/create-steps';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { assignments, set } from '../foundation/assign';
import { caughtError, type CaughtError } from '../foundation/context';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import { expression, jsonata, referTo, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { phase } from '../phases/chaining';
import { fiftyAtATime } from '../phases/fifty-at-a-time';

export interface CheckPodNetworkProps {
  runOnNodes: RunOnNodes;
  plan: Variable<CreatePlan>;
  held: Variable<OperationLock>;
  /** The nodes whose pods have to reach each other. */
  nodes: Expression<Sequence<NamedInstance>>;
}

const pods = variable<string>('probePods');
const notReached = variable<CaughtError>('notReached');

/** A pod on each of the nodes reaches a pod on each other one. Fails as the node step does; the pods are deleted in every case. */
export function checkPodNetwork(scope: Construct, { runOnNodes, plan, held, nodes }: CheckPodNetworkProps): Chain {
  const deletePods = (name: string) =>
    runOnNodesTask(scope, name, runOnNodes, {
      step: 'probe-pods',
      nodes: expression<NamedInstance>`${plan.first}`,
      parameters: { Nodes: plan.waitFor, Action: 'delete' },
      lock: held,
    });
  const create = runOnNodesTask(scope, 'Put a pod on every node', runOnNodes, {
    step: 'probe-pods',
    nodes: expression<NamedInstance>`${plan.first}`,
    parameters: { Nodes: plan.waitFor, Action: 'create' },
    lock: held,
    assign: [set(pods, expression<ProbePods['pods'] & string>`${nodeResults}[0].result.pods`)],
  });
  const check = fiftyAtATime(
    scope,
    'Do the pods reach each other?',
    { nodes },
    runOnNodesTask(scope, 'Try it on fifty at a time', runOnNodes, {
      step: 'check-pod-network',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: { Pods: pods },
      outputs: expression`{}`,
    }),
  );
  const deleteAllTheSame = deletePods('Delete these pods all the same');
  const fail = Fail.jsonata(scope, 'Pods do not reach each other', {
    error: jsonata(notReached.Error),
    cause: jsonata(expression`[${notReached.Cause}, ""][0]`),
  });
  check.addCatch(deleteAllTheSame, { assign: assignments([set(notReached, caughtError)]) });
  deleteAllTheSame.addCatch(fail).next(fail);
  const deleted = deletePods('Delete these pods');
  return phase(create.next(check).next(deleted), deleted);
}
