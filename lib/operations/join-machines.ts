import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Parallel, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type { CreatePlan } from '../../lambdas/contracts/create';
import type { PreparedJoin } from '../../lambdas/contracts/create-steps';
import type { LoadBalancerTurn } from '../../lambdas/contracts/load-balancer';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { BootstrapSecret } from '../../lambdas/contracts/repair';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import { expression, pick, referTo, variable } from '../foundation/expressions';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { phase } from '../phases/chaining';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { register, waitUntilHealthy } from '../phases/into-load-balancer';
import { oneAtATime } from '../phases/one-at-a-time';
import type { CreateFunctions } from './create-functions';
import type { OperationFunctions } from './operation-functions';

export interface JoinMachinesProps extends Pick<
  OperationFunctions & CreateFunctions,
  'registerTargets' | 'returnToLoadBalancer'
> {
  runOnNodes: RunOnNodes;
  plan: Variable<CreatePlan>;
  secrets: Variable<BootstrapSecret>;
  held: Variable<OperationLock>;
  cluster: Expression<string>;
  config: Expression<ClusterConfig>;
}

const caHash = variable<string>('caHash');
const joining = variable<NamedInstance>('joining');
const joiningTurn = variable<LoadBalancerTurn>('joiningTurn');

/**
 * Lets the plan's nodes join: control planes one after the other, because etcd takes one new member at a time; meanwhile the workers, which need
 * no more than an API server. The cluster knows the token, and holds the certificates of control planes, for that time alone.
 */
export function joinMachines(scope: Construct, props: JoinMachinesProps): Chain {
  const { runOnNodes, plan, secrets, held, cluster, config } = props;
  const first = expression<NamedInstance>`${plan.first}`;
  const certificateKey = expression<string>`$count(${plan.controlPlanes}) > 0 ? ${secrets.certificateKey} : "none"`;
  const joinParameters = (
    configuration: Expression<string>,
    patches: Expression<string>,
    key: Expression<string> | 'none',
  ) => ({
    Version: plan.version,
    Configuration: configuration,
    Patches: patches,
    Secret: secrets.name,
    CertificateKey: key,
    CaHash: caHash,
  });

  const open = runOnNodesTask(scope, 'Let nodes join', runOnNodes, {
    step: 'prepare-join',
    nodes: first,
    parameters: { Secret: secrets.name, CertificateKey: certificateKey, Action: 'create' },
    lock: held,
    assign: [set(caHash, expression<PreparedJoin['caHash'] & string>`${nodeResults}[0].result.caHash`)],
  });
  const loadBalancer = {
    ...props,
    ...{ cluster, config, node: joining, turn: joiningTurn },
    who: 'this control plane',
  };
  const joinControlPlane = runOnNodesTask(scope, 'Join as a control plane', runOnNodes, {
    step: 'join-node',
    nodes: referTo<NamedInstance>('$states.input'),
    parameters: joinParameters(
      plan.configuration.controlPlane,
      plan.configuration.controlPlanePatches,
      secrets.certificateKey,
    ),
    lock: held,
    assign: [
      set(joining, pick(referTo<NamedInstance>('$states.input'), 'instanceId', 'name') as Expression<NamedInstance>),
    ],
  });
  const healthy = waitUntilHealthy(scope, loadBalancer);
  const controlPlanes = oneAtATime(
    scope,
    'One control plane at a time joins',
    // One that had joined says so, and comes into its target groups all the same.
    { items: expression<Sequence<NamedInstance>>`$append(${plan.unregistered}, ${plan.controlPlanes})` },
    joinControlPlane
      .next(register(scope, loadBalancer))
      .next(healthy)
      .next(Pass.jsonata(scope, 'This control plane has joined', { outputs: {} })),
  );
  const workers = fiftyAtATime(
    scope,
    'Workers join at once',
    { nodes: plan.workers },
    runOnNodesTask(scope, 'Join as workers', runOnNodes, {
      step: 'join-node',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: joinParameters(plan.configuration.worker, plan.configuration.workerPatches, 'none'),
      lock: held,
      outputs: expression`{}`,
    }),
  );
  const all = Parallel.jsonata(scope, 'Control planes and workers join', { outputs: {} })
    .branch(controlPlanes)
    .branch(workers);
  const close = runOnNodesTask(scope, 'Let nobody join any more', runOnNodes, {
    step: 'prepare-join',
    nodes: first,
    parameters: { Secret: secrets.name, CertificateKey: 'none', Action: 'delete' },
    lock: held,
  });
  return phase(open.next(all).next(close), close);
}
