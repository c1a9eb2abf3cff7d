import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CreatePlan, CreateReport } from '../../lambdas/contracts/create';
import { EVENT, type ClusterCreatedDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { BootstrapSecret, BootstrapSecretInput } from '../../lambdas/contracts/repair';
import type { NodeResult, OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Payload, Sequence } from '../foundation/expressions';
import { condition, expression, fieldsOf, list, referTo, render, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { lockOfThis, nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { actOnPlan } from '../phases/act-on-plan';
import { branchOf, otherwiseOf, phase } from '../phases/chaining';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { findNodes } from '../phases/find-nodes';
import { register, waitUntilHealthy } from '../phases/into-load-balancer';
import { tellBus } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { CreateFunctions } from './create-functions';
import { joinNodes } from './join-nodes';
import type { OperationFunctions } from './operation-functions';
import { verifyCluster } from './verify-cluster';

export interface CreateClusterProps extends OperationFunctions, CreateFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
}

const found = variable<FoundNodes<'create-cluster'>>('found');
const facts = variable<NodeResult[]>('facts');
const plan = variable<CreatePlan>('plan');
const held = variable<OperationLock>('held');
const secrets = variable<BootstrapSecret>('secrets');
const turn = variable<LoadBalancerTurn>('turn');

/**
 * Makes one cluster of all machines with its tag: prepares them, begins on one control plane, lets the others join one by one and the workers
 * at once, and looks whether every node is Ready and the cluster's DNS answers. Started again after it was cut off, it goes on: nodes that are
 * there stay. Input: OperationInput; output: CreateReport.
 */
export class CreateCluster extends Operation {
  constructor(scope: Construct, id: string, props: CreateClusterProps) {
    super(scope, id, {
      operation: 'create-cluster',
      comment: 'Makes one kubeadm cluster of all machines with its tag, or finishes one that was begun',
      timeout: Duration.hours(12),
      ...props,
      functions: [
        ...[props.findNodes, props.planCreate, props.takeOverLock, props.bootstrapSecret],
        ...[props.registerTargets, props.returnToLoadBalancer],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: CreateClusterProps) {
  const { runOnNodes, eventBus } = props;
  const operation = 'create-cluster';
  const { cluster, config, options } = found;
  const { unreachable } = fieldsOf<ClusterNode>();

  const find = findNodes(states, { operation, findNodes: props.findNodes, assignTo: found });
  const gather = fiftyAtATime(
    states,
    'Look at all machines',
    {
      // The plan tells of those that are out of reach.
      nodes: expression<
        Sequence<NamedInstance>
      >`$append(${found.reachable}, ${found.workers}[$not($exists(${unreachable}))])`,
      assign: [set(facts, list(expression<Sequence<NodeResult>>`$reduce($states.result, $append, [])`))],
    },
    runOnNodesTask(states, 'Look at fifty at a time', runOnNodes, {
      step: 'preflight',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {
        Endpoint: expression<string>`$exists(${config.kubernetes.endpoint}) ? ${config.kubernetes.endpoint} : "none"`,
      },
      tolerateFailures: true,
      outputs: nodeResults,
    }),
  );
  const makePlan = lambdaTask(states, 'Plan the cluster', {
    lambdaFunction: props.planCreate,
    payload: {
      ...{ cluster, config, options },
      nodes: expression<ClusterNode[]>`[${found.controlPlanes}, ${found.workers}]`,
      facts: list(facts),
    },
    assignTo: plan,
  });
  const gates = actOnPlan<CreateReport>(states, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, outcome: 'nothing', summary: plan.summary },
  });

  const execution = { cluster, execution: context.Execution.Id, withCertificateKey: true };
  const bootstrapSecret = props.bootstrapSecret as LambdaFunction<BootstrapSecretInput, BootstrapSecret>;
  const makeSecrets = lambdaTask(states, 'Make the secrets that nodes join with', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'create', ...execution },
    assignTo: secrets,
    assign: [set(held, lockOfThis(cluster))],
  });
  const prepare = fiftyAtATime(
    states,
    'Prepare all machines',
    {
      nodes: expression<
        Sequence<NamedInstance>
      >`$append($append(${plan.init}, ${plan.controlPlanes}), ${plan.workers})`,
    },
    runOnNodesTask(states, 'Prepare fifty at a time', runOnNodes, {
      step: 'prepare-node',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {
        Version: plan.version,
        Packages: plan.prepare.packages,
        CgroupDriver: plan.prepare.cgroupDriver,
        Swap: plan.prepare.swap,
      },
      lock: held,
      outputs: expression`{}`,
    }),
  );
  const isThereOne = Choice.jsonata(states, 'Is there a control plane already?');
  const init = runOnNodesTask(states, 'Begin the cluster on the first control plane', runOnNodes, {
    step: 'init-control-plane',
    nodes: plan.init,
    parameters: {
      Version: plan.version,
      Configuration: plan.configuration.init,
      Secret: secrets.name,
      CniUrl: plan.cni.url,
      CniSha256: plan.cni.sha256,
    },
    lock: held,
  });
  // Before it serves: kubeadm before 1.37 looks for the API at the endpoint.
  const loadBalancer = { ...props, cluster, config, node: expression<NamedInstance>`${plan.first}`, turn };
  const first = { ...loadBalancer, who: 'the first control plane' };
  const registerFirst = register(states, first);
  const healthyFirst = waitUntilHealthy(states, first);
  const join = joinNodes(states, { ...props, plan, secrets, held, found });
  const deleteSecrets = lambdaTask(states, 'Delete the secrets that nodes could read', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'delete', ...execution },
  });
  const verify = verifyCluster(states, { runOnNodes, plan, found });
  const tell = tellBus<ClusterCreatedDetail>(states, {
    eventBus,
    detailType: EVENT.clusterCreated,
    detail: {
      cluster,
      execution: context.Execution.Id,
      version: plan.version,
      nodes: plan.nodes,
      summary: plan.summary,
    },
  });
  const done = Succeed.jsonata(states, 'The cluster is there', {
    outputs: render({
      cluster,
      plan,
      outcome: 'created',
      summary: expression<string>`"All " & $string(${plan.nodes}) & " nodes of " & ${cluster} & " are Ready with Kubernetes " & ${plan.version} & ", and the cluster's DNS answers on each."`,
    } satisfies Payload<CreateReport>) as Record<string, unknown>,
  });

  const isNew = condition(expression`$count(${plan.init}) > 0`);
  const begin = phase(isThereOne, branchOf(isThereOne, isNew));
  const ready = phase(
    makeSecrets.next(prepare).next(begin).next(registerFirst).next(init).next(healthyFirst),
    ...healthyFirst.endStates,
    otherwiseOf(isThereOne),
  );
  return find
    .next(gather)
    .next(makePlan)
    .next(gates)
    .next(withLock(states, { ...props, operation, cluster }, ready.next(join).next(deleteSecrets).next(verify)))
    .next(tell)
    .next(done);
}
