import type { Chain, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Map, ProvideItems } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import type { BootstrapSecret, BootstrapSecretInput, KubeletsOfGroup } from '../../lambdas/contracts/repair';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { NodesReady, RejoinResult } from '../../lambdas/contracts/node-steps';
import type { RenewalPlan, RenewalAnswers, RepairOutcome } from '../../lambdas/contracts/renewal';
import { MOST_INSTANCES } from '../../lambdas/contracts/run-on-nodes';
import { assignments, set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Payload, Sequence, Variable } from '../foundation/expressions';
import {
  condition,
  expression,
  fieldsOf,
  is,
  jsonata,
  list,
  object,
  pick,
  referTo,
  variable,
} from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { phase } from '../phases/chaining';
import { resultsOf } from '../phases/one-at-a-time';
import type { RedriveGuard } from '../phases/redrive-guard';
import { addAnswers, force, kubeconfigParameters } from './renew-control-plane';

export interface RepairClusterProps {
  runOnNodes: RunOnNodes;
  bootstrapSecret: LambdaFunction<BootstrapSecretInput, BootstrapSecret | null>;
  found: Variable<FoundNodes<'renew-certificates'>>;
  plan: Variable<RenewalPlan>;
  /** Takes what the nodes say of their renewal, after what is in it. */
  answers: Variable<RenewalAnswers>;
  /** Takes what became of the kubelets. */
  repair: Variable<RepairOutcome | null>;
  guard: RedriveGuard;
  /** Where a repair begins again that was redriven: the nodes that were found, and their facts, may be days old. */
  planAgain: State;
}

/** Of the 15 minutes of the token (bootstrap-token.sh): what is left is enough for fifty kubelets at a time, which get 150 s each. */
const TOKEN_IS_OLD_MS = 300_000;

const secret = variable<BootstrapSecret>('secret');
const tokenSince = variable<string>('tokenSince');
const workerKubelets = variable<KubeletsOfGroup[]>('workerKubelets');
const controlPlaneKubelets = variable<KubeletsOfGroup>('controlPlaneKubelets');

/** KubeletsOfGroup from the answers of rejoin-kubelet: whole ones of a thousand workers would not fit into a state. */
const { name, failure } = fieldsOf<NodeResult>();
const { result } = fieldsOf<{ result: RejoinResult }>();
const summary = object<KubeletsOfGroup>({
  asked: expression`$count($nodes)`,
  changed: expression`$count($nodes[${is(result.changed, true)}])`,
  failed: expression`$count($failed)`,
  failures: expression`[$failed[[0..19]].${object<KubeletsOfGroup['failures'][number]>({ name, message: failure.message })}]`,
});
const SUMMARY = expression<KubeletsOfGroup>`($nodes := ${list(nodeResults)}; $failed := $nodes[$exists(${failure})]; ${summary})`;

/**
 * What renew-certificates does when expired certificates have stopped the cluster. One control plane at a time cannot work then: etcd has
 * no majority before a majority has new certificates. So the files come first, everywhere; then etcd everywhere, the API servers, the
 * rest; each step begins when the one before has ended on all of them. Kubelets get credentials before the API answers, because one
 * that has none exits at that moment and would restart no static pod any more. Last, all kubelets whose certificate has expired get
 * a new one by a bootstrap token: workers first, so that a repair which was cut off is recognised by its control planes.
 */
export function repairCluster(scope: Construct, props: RepairClusterProps): Chain {
  const { runOnNodes, bootstrapSecret, found, plan, answers, repair, guard } = props;
  const lockOf = found.cluster;
  const execution = { cluster: found.cluster, execution: context.Execution.Id };

  const makeSecret = lambdaTask(scope, 'Make a bootstrap token that nodes can read', {
    lambdaFunction: bootstrapSecret as LambdaFunction<BootstrapSecretInput, BootstrapSecret>,
    payload: { action: 'create', ...execution },
    assignTo: secret,
  });
  const areAnyStopped = Choice.jsonata(scope, 'Are control planes stopped?');

  const stopped = guard.unlessRedriven(plan.steps);
  const renewUntil = (name: string, until: 'files' | 'etcd' | 'kube-apiserver' | 'all') =>
    runOnNodesTask(scope, name, runOnNodes, {
      step: 'renew-certificates',
      nodes: stopped,
      parameters: { Force: force(found), Until: until },
      lockOf,
      assign: [addAnswers(answers)],
    });
  const files = renewUntil('Renew the files on all of them', 'files');
  const credentials = runOnNodesTask(scope, 'Give their kubelets credentials', runOnNodes, {
    step: 'rejoin-kubelet',
    nodes: stopped,
    parameters: { Secret: secret.name, Wait: 'no' },
    lockOf,
  });
  const etcd = renewUntil('Restart etcd on all of them', 'etcd');
  const apiServers = renewUntil('Restart the API servers', 'kube-apiserver');
  const rest = renewUntil('Restart the rest and prove what is served', 'all');
  const kubeconfigs = runOnNodesTask(scope, 'Refresh the copies of admin.conf on all of them', runOnNodes, {
    step: 'refresh-kubeconfigs',
    nodes: stopped,
    parameters: kubeconfigParameters(found),
    lockOf,
    assign: [addAnswers(answers)],
  });

  const token = (name: string, action: 'create' | 'delete') =>
    runOnNodesTask(scope, name, runOnNodes, {
      step: 'bootstrap-token',
      nodes: plan.spokesman,
      parameters: { Secret: secret.name, Action: action },
      lockOf,
      assign: [set(tokenSince, context.State.EnteredTime)],
    });
  const createToken = token('Make the token known to the cluster', 'create');
  const { unreachable, name: nameOfNode } = fieldsOf<ClusterNode>();
  const reachableWorkers = expression<Sequence<ClusterNode>>`${found.workers}[$not($exists(${unreachable}))]`;
  const unreachableWorkers = expression<Sequence<ClusterNode>>`${found.workers}[$exists(${unreachable})]`;
  const groups = expression`[$partition(${list(pick(reachableWorkers, 'instanceId', 'name'))}, ${MOST_INSTANCES})]`;
  const rejoinWorkers = Map.jsonata(scope, 'Fifty workers at a time', {
    items: ProvideItems.jsonata(jsonata(groups)),
    maxConcurrency: 4,
    assign: assignments([set(workerKubelets, list(resultsOf<KubeletsOfGroup>()))]),
  }).itemProcessor(
    runOnNodesTask(scope, 'Let the kubelets of workers rejoin', runOnNodes, {
      step: 'rejoin-kubelet',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: { Secret: secret.name, Wait: 'yes' },
      tolerateFailures: true,
      lockOf,
      outputs: SUMMARY,
    }),
  );
  const tokenIsOld = expression<boolean>`$toMillis(${context.State.EnteredTime}) - $toMillis(${tokenSince}) > ${TOKEN_IS_OLD_MS}`;
  const isTokenOld = Choice.jsonata(scope, 'Is the token about to end?');
  const tokenForLater = token('Make the token last longer', 'create');
  const rejoinControlPlanes = runOnNodesTask(scope, 'Let the kubelets of control planes rejoin', runOnNodes, {
    step: 'rejoin-kubelet',
    nodes: found.reachable,
    parameters: { Secret: secret.name, Wait: 'yes' },
    tolerateFailures: true,
    lockOf,
    assign: [set(controlPlaneKubelets, SUMMARY)],
  });
  const deleteToken = token('Make the cluster forget the token', 'delete');
  const deleteSecret = lambdaTask(scope, 'Delete the token that nodes could read', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'delete', ...execution },
  });
  // No use waiting for nodes that could not be asked, or whose kubelet did not come back.
  const absent = expression<string>`$string(($count(${found.unreachable}) + $count(${unreachableWorkers}) + $sum([${workerKubelets.failed}]) + ${controlPlaneKubelets.failed}))`;
  const waitForNodes = runOnNodesTask(scope, 'Wait until every node is Ready', runOnNodes, {
    step: 'wait-for-nodes',
    nodes: plan.spokesman,
    parameters: { Nodes: 'all', Absent: absent },
    assign: [
      set(repair, {
        controlPlanes: controlPlaneKubelets,
        workers: workerKubelets,
        unreachableWorkers: expression`[${unreachableWorkers}[[0..49]].${object<RepairOutcome['unreachableWorkers'][number]>({ name: nameOfNode, reason: unreachable })}]`,
        ready: expression<NodesReady>`${nodeResults}[0].result`,
      } as Payload<RepairOutcome>),
    ],
  });

  guard.protect(scope, [files, credentials, etcd, apiServers, rest, kubeconfigs], props.planAgain);
  areAnyStopped
    .when(
      condition(expression`$count(${plan.steps}) > 0`),
      files.next(credentials).next(etcd).next(apiServers).next(rest).next(kubeconfigs).next(createToken),
    )
    .otherwise(createToken);
  isTokenOld.when(condition(tokenIsOld), tokenForLater.next(rejoinControlPlanes)).otherwise(rejoinControlPlanes);
  createToken.next(rejoinWorkers).next(isTokenOld);
  rejoinControlPlanes.next(deleteToken).next(deleteSecret).next(waitForNodes);
  return phase(makeSecret.next(areAnyStopped), waitForNodes);
}
