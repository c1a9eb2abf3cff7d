import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Choice, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import type { CreatePlan, CreateReport } from '../../lambdas/contracts/create';
import { EVENT, type ClusterCreatedDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { BootstrapSecret, BootstrapSecretInput } from '../../lambdas/contracts/repair';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Sequence } from '../foundation/expressions';
import { condition, expression, fieldsOf, jsonata, object, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { lockOfThis, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { withApproval } from '../phases/approval';
import { branchOf, otherwiseOf, phase } from '../phases/chaining';
import { register, waitUntilHealthy } from '../phases/into-load-balancer';
import { tellBus } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { CreateFunctions } from './create-functions';
import { joinMachines } from './join-machines';
import type { OperationFunctions } from './operation-functions';
import { planNodes } from './plan-nodes';
import { prepareMachines } from './prepare-machines';
import { startEtcd } from './start-etcd';
import { verifyCluster } from './verify-cluster';

export interface CreateClusterProps extends OperationFunctions, CreateFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
}

const found = variable<FoundNodes<'create-cluster'>>('found');
const plan = variable<CreatePlan>('plan');
const approved = variable<GivenApproval>('approval');
const held = variable<OperationLock>('held');
const secrets = variable<BootstrapSecret>('secrets');
const turn = variable<LoadBalancerTurn>('turn');

/**
 * Makes one cluster of all machines with its tag: prepares them, starts etcd where a machine is for that, begins on one control plane, lets the others join one by one and the workers
 * at once, and looks whether every node is Ready, pods reach each other and the cluster's DNS answers. Started again after it was cut off, it
 * goes on: nodes that are there stay. Input: OperationInput; output: CreateReport.
 */
export class CreateCluster extends Operation {
  constructor(scope: Construct, id: string, props: CreateClusterProps) {
    super(scope, id, {
      operation: 'create-cluster',
      comment: 'Makes one kubeadm cluster of all machines with its tag, or finishes one that was begun',
      // Three days of them may be spent on waiting for approval.
      timeout: Duration.hours(84),
      ...props,
      functions: [
        ...[props.findNodes, props.planCreate, props.takeOverLock, props.bootstrapSecret],
        ...[props.requestApproval, props.awaitApproval],
        ...[props.registerTargets, props.returnToLoadBalancer],
      ],
      steps: (states) => steps(states, props),
    });
  }
}

function steps(states: Construct, props: CreateClusterProps) {
  const { runOnNodes, eventBus } = props;
  const operation = 'create-cluster';
  const { cluster, config } = found;
  const { unreachable } = fieldsOf<ClusterNode>();

  const planned = planNodes(states, {
    ...props,
    ...{ operation, runOnNodes, found, plan, approved },
    // The plan tells of those that are out of reach.
    lookAt: expression<
      Sequence<NamedInstance>
    >`$append(${found.reachable}, ${found.workers}[$not($exists(${unreachable}))])`,
  });

  const execution = { cluster, execution: context.Execution.Id, withCertificateKey: true };
  const bootstrapSecret = props.bootstrapSecret as LambdaFunction<BootstrapSecretInput, BootstrapSecret>;
  const makeSecrets = lambdaTask(states, 'Make the secrets that nodes join with', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'create', ...execution },
    assignTo: secrets,
    assign: [set(held, lockOfThis(cluster))],
  });
  const prepare = prepareMachines(states, { runOnNodes, plan, held });
  const etcd = startEtcd(states, { runOnNodes, plan, held });
  const isThereOne = Choice.jsonata(states, 'Is there a control plane already?');
  const init = runOnNodesTask(states, 'Begin the cluster on the first control plane', runOnNodes, {
    step: 'init-control-plane',
    nodes: plan.init,
    parameters: {
      Version: plan.version,
      Configuration: plan.configuration.init,
      Patches: plan.configuration.controlPlanePatches,
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
  const join = joinMachines(states, { ...props, plan, secrets, held, cluster, config });
  const deleteSecrets = lambdaTask(states, 'Delete the secrets that nodes could read', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'delete', ...execution },
  });
  const verify = verifyCluster(states, {
    ...{ runOnNodes, plan, held, cluster },
    provenOn: expression<Sequence<NamedInstance>>`$append(${found.controlPlanes}, ${found.workers})`,
  });
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
    outputs: jsonata(
      withApproval<CreateReport>(
        object<Omit<CreateReport, 'approval'>>({
          ...{ cluster, plan, outcome: expression`"created"` },
          summary: expression<string>`"All " & $string(${plan.nodes}) & " nodes of " & ${cluster} & " are Ready with Kubernetes " & ${plan.version} & ", pods on them reach each other, and the cluster's DNS answers on each."`,
        }),
        approved,
      ),
    ),
  });

  const isNew = condition(expression`$count(${plan.init}) > 0`);
  const begin = phase(isThereOne, branchOf(isThereOne, isNew));
  const ready = phase(
    makeSecrets.next(prepare).next(begin).next(etcd).next(registerFirst).next(init).next(healthyFirst),
    ...healthyFirst.endStates,
    otherwiseOf(isThereOne),
  );
  return planned
    .next(withLock(states, { ...props, operation, cluster }, ready.next(join).next(deleteSecrets).next(verify)))
    .next(tell)
    .next(done);
}
