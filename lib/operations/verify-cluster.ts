import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CreatePlan } from '../../lambdas/contracts/create';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { NodesReady } from '../../lambdas/contracts/node-steps';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import { condition, expression, jsonata, pick, referTo, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { phase } from '../phases/chaining';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { checkPodNetwork } from './check-pod-network';

export interface VerifyClusterProps {
  runOnNodes: RunOnNodes;
  plan: Variable<CreatePlan>;
  held: Variable<OperationLock>;
  cluster: Expression<string>;
  /** Nodes from which the cluster has to work. */
  provenOn: Expression<Sequence<NamedInstance>>;
}

/** wait-for-nodes waits for two and a half minutes, and images of a network plugin may take longer. */
const MOST_LOOKS = 4;

const ready = variable<NodesReady>('ready');
const looks = variable<number>('looks');

/**
 * Every node of the plan is there and Ready, a pod on each of them reaches a pod on each other and on the first control plane, and the cluster's
 * DNS answers there. Fails with NodeNotReady, or as a node step fails.
 */
export function verifyCluster(scope: Construct, props: VerifyClusterProps): Chain {
  const { runOnNodes, plan, held, cluster, provenOn } = props;
  const wait = (name: string, look: number | ReturnType<typeof expression<number>>) =>
    runOnNodesTask(scope, name, runOnNodes, {
      step: 'wait-for-nodes',
      nodes: expression<NamedInstance>`${plan.first}`,
      parameters: { Nodes: plan.waitFor, Absent: '0' },
      assign: [set(ready, expression<NodesReady>`${nodeResults}[0].result`), set(looks, look)],
    });
  const firstLook = wait('Wait until every node is Ready', 1);
  const nextLook = wait('Go on waiting', expression<number>`${looks} + 1`);
  const areAllReady = Choice.jsonata(scope, 'Is every node Ready?');
  const notReady = Fail.jsonata(scope, 'A node is not Ready', {
    error: 'NodeNotReady',
    cause: jsonata(
      expression`${cluster} & ": of " & $string(${plan.nodes}) & " nodes that are awaited, " & $string(${ready.nodes}) & " are there" & ($count(${ready.notReady}) > 0 ? ", and not Ready are " & $join(${ready.notReady}[[0..4]], ", ") : "") & ": expected all of them to be Ready; " & (${plan.cni.url} = "none" ? "the settings name no network plugin (kubernetes.cni), so install one, or look at the pods of yours" : "look at the pods of the network plugin") & " there (kubectl -n kube-system get pods -o wide), then start the operation again, it goes on where it stopped."`,
    ),
  });
  const askDns = fiftyAtATime(
    scope,
    "Ask the cluster's DNS on every node",
    { nodes: provenOn },
    runOnNodesTask(scope, 'Ask it on fifty at a time', runOnNodes, {
      step: 'check-cluster-dns',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {},
      outputs: expression`{}`,
    }),
  );

  const checkPods = checkPodNetwork(scope, {
    ...{ runOnNodes, plan, held },
    nodes: expression<
      Sequence<NamedInstance>
    >`$distinct($append(${pick(expression<NamedInstance>`${plan.first}`, 'instanceId', 'name')}, ${pick(provenOn, 'instanceId', 'name')}))`,
  });

  firstLook.next(areAllReady);
  nextLook.next(areAllReady);
  areAllReady
    .when(
      condition(expression`${ready.nodes} >= ${plan.nodes} and $count(${ready.notReady}) = 0`),
      checkPods.next(askDns),
    )
    .when(condition(expression`${looks} < ${MOST_LOOKS}`), nextLook)
    .otherwise(notReady);
  return phase(firstLook, askDns);
}
