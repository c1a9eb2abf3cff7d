import type { IChainable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, Fail, Map, ProvideItems } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { jsonata } from '../foundation/jsonata';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { runOnNodesTask } from '../node-access/run-on-nodes-task';
import { adminKubeconfigs, force } from './renew-one-node';

export interface RepairProps {
  runOnNodes: RunOnNodes;
  bootstrapSecret: LambdaFunction;
}

export interface RepairEnds {
  /** Where a repair begins again that was redriven: the facts that its plan was made from may be days old. */
  planAgain: State;
  whenDone: State;
}

/** How often this execution has been redriven. */
const REDRIVES = '$states.context.Execution.RedriveCount';
/** The control planes of the plan, all at once. Cannot be evaluated when the plan was made before a redrive. */
const STOPPED = `($plannedIn = ${REDRIVES} ? $plan.steps : $error("Redriven: plan again first"))`;
/** One control plane that speaks with the API for all. */
const SPOKESMAN = '$plan.spokesman';
const SECRET = jsonata('$secret.name');
const NOW = '$states.context.State.EnteredTime';
/** Of the 15 minutes of the token (bootstrap-token.sh): what is left is enough for fifty kubelets at a time, which get 150 s each. */
const TOKEN_IS_OLD_MS = 300_000;

/** Lists of at most 50 workers, which is what one command takes. */
const WORKER_GROUPS =
  '[$partition([$found.workers[$not($exists(unreachable))].{"instanceId": instanceId, "name": name}], 50)]';
const UNREACHABLE_WORKERS = '$found.workers[$exists(unreachable)]';
/** How many nodes will not become Ready, because nobody could ask them or their kubelet did not come back: no use waiting for them. */
const ABSENT = `($count($found.unreachable) + $count(${UNREACHABLE_WORKERS}) + $sum([$workerKubelets.failed]) + $controlPlaneKubelets.failed)`;

/** KubeletsOfGroup from the answers of rejoin-kubelet. */
const SUMMARY = `($nodes := [$states.result.Output.nodes]; $failed := $nodes[$exists(failure)]; {
  "asked": $count($nodes),
  "changed": $count($nodes[result.changed = true]),
  "failed": $count($failed),
  "failures": [$failed[[0..19]].{"name": name, "message": failure.message}]
})`.replace(/\n\s*/g, ' ');

/**
 * What renew-certificates does when expired certificates have stopped the cluster. One control plane at a time cannot work then: etcd has
 * no majority before a majority has new certificates. So the files come first, everywhere; then etcd everywhere, the API servers, the
 * rest; each step begins when the one before has ended on all of them. Kubelets get credentials before the API answers, because one
 * that has none exits at that moment and would restart no static pod any more. Last, all kubelets whose certificate has expired get
 * a new one by a bootstrap token: workers first, so that a repair which was cut off is recognised by its control planes.
 */
export function repairCluster(states: Construct, props: RepairProps, { planAgain, whenDone }: RepairEnds): IChainable {
  const { runOnNodes, bootstrapSecret } = props;
  const execution = { cluster: jsonata('$found.cluster'), execution: jsonata('$states.context.Execution.Id') };

  const makeSecret = lambdaTask(states, 'Make a bootstrap token that nodes can read', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'create', ...execution },
    assignTo: 'secret',
  });
  const areAnyStopped = Choice.jsonata(states, 'Are control planes stopped?');

  const renewUntil = (name: string, until: 'files' | 'etcd' | 'kube-apiserver' | 'all') =>
    runOnNodesTask(states, name, runOnNodes, {
      step: 'renew-certificates',
      nodes: STOPPED,
      parameters: { Force: force, AdminKubeconfigs: adminKubeconfigs, Until: until },
      lockOf: '$found.cluster',
    });
  const files = renewUntil('Renew the files on all of them', 'files');
  const credentials = runOnNodesTask(states, 'Give their kubelets credentials', runOnNodes, {
    step: 'rejoin-kubelet',
    nodes: STOPPED,
    parameters: { Secret: SECRET, Wait: 'no' },
    lockOf: '$found.cluster',
  });
  const etcd = renewUntil('Restart etcd on all of them', 'etcd');
  const apiServers = renewUntil('Restart the API servers', 'kube-apiserver');
  const rest = renewUntil('Restart the rest and prove what is served', 'all');

  const token = (name: string, action: 'create' | 'delete') =>
    runOnNodesTask(states, name, runOnNodes, {
      step: 'bootstrap-token',
      nodes: SPOKESMAN,
      parameters: { Secret: SECRET, Action: action },
      lockOf: '$found.cluster',
      assign: { tokenSince: jsonata(NOW) },
    });
  const createToken = token('Make the token known to the cluster', 'create');
  const workers = Map.jsonata(states, 'Fifty workers at a time', {
    items: ProvideItems.jsonata(jsonata(WORKER_GROUPS)),
    maxConcurrency: 4,
    assign: { workerKubelets: jsonata('[$states.result]') },
  }).itemProcessor(
    runOnNodesTask(states, 'Let the kubelets of workers rejoin', runOnNodes, {
      step: 'rejoin-kubelet',
      nodes: '$states.input',
      parameters: { Secret: SECRET, Wait: 'yes' },
      tolerateFailures: true,
      lockOf: '$found.cluster',
      outputs: jsonata(SUMMARY),
    }),
  );
  const controlPlanes = runOnNodesTask(states, 'Let the kubelets of control planes rejoin', runOnNodes, {
    step: 'rejoin-kubelet',
    nodes: '$found.reachable',
    parameters: { Secret: SECRET, Wait: 'yes' },
    tolerateFailures: true,
    lockOf: '$found.cluster',
    assign: { controlPlaneKubelets: jsonata(SUMMARY) },
  });
  const tokenForLater = token('Make the token last longer', 'create');
  const isTokenOld = Choice.jsonata(states, 'Is the token about to end?');
  const deleteToken = token('Make the cluster forget the token', 'delete');
  const deleteSecret = lambdaTask(states, 'Delete the token that nodes could read', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'delete', ...execution },
  });
  const waitForNodes = runOnNodesTask(states, 'Wait until every node is Ready', runOnNodes, {
    step: 'wait-for-nodes',
    nodes: SPOKESMAN,
    parameters: { Absent: jsonata(`$string(${ABSENT})`) },
    assign: {
      repair: {
        controlPlanes: jsonata('$controlPlaneKubelets'),
        workers: jsonata('$workerKubelets'),
        unreachableWorkers: jsonata(`[${UNREACHABLE_WORKERS}[[0..49]].{"name": name, "reason": unreachable}]`),
        ready: jsonata('$states.result.Output.nodes[0].result'),
      },
    },
  });

  const wasRedriven = Choice.jsonata(states, 'Was it redriven after its plan?');
  const mistake = Fail.jsonata(states, 'The repair cannot be put into words', {
    error: jsonata('$unevaluated.Error'),
    cause: jsonata('$unevaluated.Cause'),
  });
  wasRedriven.when(Condition.jsonata(jsonata(`$plannedIn < ${REDRIVES}`)), planAgain).otherwise(mistake);
  for (const step of [files, credentials, etcd, apiServers, rest]) {
    step.addCatch(wasRedriven, {
      errors: ['States.QueryEvaluationError'],
      assign: { unevaluated: jsonata('$states.errorOutput') },
    });
  }

  createToken
    .next(workers)
    .next(
      isTokenOld
        .when(
          Condition.jsonata(jsonata(`$toMillis(${NOW}) - $toMillis($tokenSince) > ${TOKEN_IS_OLD_MS}`)),
          tokenForLater.next(controlPlanes),
        )
        .otherwise(controlPlanes),
    );
  controlPlanes.next(deleteToken).next(deleteSecret).next(waitForNodes).next(whenDone);
  areAnyStopped
    .when(
      Condition.jsonata(jsonata('$count($plan.steps) > 0')),
      files.next(credentials).next(etcd).next(apiServers).next(rest).next(createToken),
    )
    .otherwise(createToken);
  return makeSecret.next(areAnyStopped);
}
