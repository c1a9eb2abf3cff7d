import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import type { CreatePlan, CreateReport } from '../../lambdas/contracts/create';
import { EVENT, type NodesJoinedDetail } from '../../lambdas/contracts/events';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { BootstrapSecret, BootstrapSecretInput } from '../../lambdas/contracts/repair';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import { atWork } from '../foundation/at-work';
import type { Sequence } from '../foundation/expressions';
import { expression, fieldsOf, jsonata, list, object, variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { Operation } from '../foundation/operation';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { withApproval } from '../phases/approval';
import { tellBus } from '../phases/tell';
import { withLock } from '../phases/with-lock';
import type { CreateFunctions } from './create-functions';
import { joinMachines } from './join-machines';
import type { OperationFunctions } from './operation-functions';
import { planNodes } from './plan-nodes';
import { prepareMachines } from './prepare-machines';
import { verifyCluster } from './verify-cluster';

export interface JoinNodeProps extends OperationFunctions, CreateFunctions {
  runOnNodes: RunOnNodes;
  lock: ClusterLock;
  eventBus: IEventBus;
  topic: ITopic;
}

const found = variable<FoundNodes<'join-node'>>('found');
const plan = variable<CreatePlan>('plan');
const approved = variable<GivenApproval>('approval');
const held = variable<OperationLock>('held');
const secrets = variable<BootstrapSecret>('secrets');

/**
 * Lets machines join a cluster that is there, also one that others made: prepares them for the cluster's own release of Kubernetes, lets control
 * planes join one by one and meanwhile workers at once, and looks whether they are Ready, pods reach each other and the cluster's DNS answers there.
 * Started again after it was cut off, it goes on. Input: OperationInput; output: CreateReport.
 */
export class JoinNode extends Operation {
  constructor(scope: Construct, id: string, props: JoinNodeProps) {
    super(scope, id, {
      operation: 'join-node',
      comment: 'Lets machines join a kubeadm cluster, named by their instance ids',
      // Three days of them may be spent on waiting for approval.
      timeout: Duration.hours(78),
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

function steps(states: Construct, props: JoinNodeProps) {
  const { runOnNodes, eventBus } = props;
  const operation = 'join-node';
  const { cluster, config, options } = found;
  const { unreachable, instanceId, name } = fieldsOf<ClusterNode>();

  const planned = planNodes(states, {
    ...props,
    ...{ operation, runOnNodes, found, plan, approved },
    // Control planes tell what cluster it is. The plan tells of machines that are out of reach.
    lookAt: expression<
      Sequence<NamedInstance>
    >`$append(${found.reachable}, ${found.workers}[(${instanceId} in ${options.nodes} or ${name} in ${options.nodes}) and $not($exists(${unreachable}))])`,
  });

  const execution = { cluster, execution: atWork.execution };
  const bootstrapSecret = props.bootstrapSecret as LambdaFunction<BootstrapSecretInput, BootstrapSecret>;
  const makeSecrets = lambdaTask(states, 'Make the secrets that nodes join with', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'create', ...execution, withCertificateKey: true },
    assignTo: secrets,
    assign: [set(held, atWork.lock(cluster))],
  });
  const prepare = prepareMachines(states, { runOnNodes, plan, held });
  const join = joinMachines(states, { ...props, plan, secrets, held, cluster, config });
  const deleteSecrets = lambdaTask(states, 'Delete the secrets that nodes could read', {
    lambdaFunction: bootstrapSecret,
    payload: { action: 'delete', ...execution, withCertificateKey: true },
  });
  const verify = verifyCluster(states, {
    ...{ runOnNodes, plan, held, cluster },
    provenOn: expression<
      Sequence<NamedInstance>
    >`$append($append(${plan.controlPlanes}, ${plan.workers}), ${plan.unproven})`,
  });
  const tell = tellBus<NodesJoinedDetail>(states, {
    eventBus,
    detailType: EVENT.nodesJoined,
    detail: {
      ...{ cluster, execution: atWork.execution, version: plan.version, summary: plan.summary },
      nodes: list(expression<Sequence<NamedInstance>>`$append(${plan.controlPlanes}, ${plan.workers})`),
    },
  });
  const done = Succeed.jsonata(states, 'The machines are nodes', {
    outputs: jsonata(
      withApproval<CreateReport>(
        object<Omit<CreateReport, 'approval'>>({
          ...{ cluster, plan, outcome: expression`"joined"` },
          summary: expression<string>`$join($append($append(${plan.controlPlanes}, ${plan.workers}), ${plan.unproven}).name, ", ") & ($string(${plan.nodes}) = "1" ? " is a Ready node of " : " are Ready nodes of ") & ${cluster} & " with Kubernetes " & ${plan.version} & ": pods reach those of the other nodes, and the cluster's DNS answers."`,
        }),
        approved,
      ),
    ),
  });

  return planned
    .next(
      withLock(
        states,
        { ...props, operation, cluster },
        makeSecrets.next(prepare).next(join).next(deleteSecrets).next(verify),
      ),
    )
    .next(tell)
    .next(done);
}
