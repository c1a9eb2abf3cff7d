import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { GivenApproval } from '../../lambdas/contracts/approval';
import type { CreateOperation, CreatePlan, CreateReport } from '../../lambdas/contracts/create';
import type { FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { ClusterNode, NamedInstance } from '../../lambdas/contracts/node';
import type { NodeResult } from '../../lambdas/contracts/run-on-nodes';
import { set } from '../foundation/assign';
import type { Expression, Sequence, Variable } from '../foundation/expressions';
import { expression, fieldsOf, list, referTo, variable } from '../foundation/expressions';
import { lambdaTask } from '../foundation/lambda-task';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import { nodeResults, runOnNodesTask } from '../node-access/run-on-nodes-task';
import { actOnPlan } from '../phases/act-on-plan';
import { approval } from '../phases/approval';
import { fiftyAtATime } from '../phases/fifty-at-a-time';
import { findNodes } from '../phases/find-nodes';
import type { CreateFunctions } from './create-functions';
import type { OperationFunctions } from './operation-functions';

export interface PlanNodesProps<Name extends CreateOperation> extends Pick<
  OperationFunctions,
  'findNodes' | 'requestApproval' | 'awaitApproval'
> {
  operation: Name;
  runOnNodes: RunOnNodes;
  planCreate: CreateFunctions['planCreate'];
  eventBus: IEventBus;
  topic: ITopic;
  /** Keeps the nodes that were found. */
  found: Variable<FoundNodes<Name>>;
  plan: Variable<CreatePlan>;
  approved: Variable<GivenApproval>;
  /** Of those found the machines that are looked at. */
  lookAt: Expression<Sequence<NamedInstance>>;
}

const { unreachable, privateIp, role } = fieldsOf<ClusterNode>();
/** As scripts/preflight.sh takes them: of fifty at most. */
const addresses = (all: Expression<Sequence<string>>): Expression<string> =>
  expression<string>`$count(${all}) = 0 ? "none" : $join($append(${all}, [])[[0..49]], ",")`;

const facts = variable<NodeResult[]>('facts');

/** Looks at machines, computes which of them become nodes, and goes on where all gates are open and the plan is approved. */
export function planNodes<Name extends CreateOperation>(scope: Construct, props: PlanNodesProps<Name>): Chain {
  const { operation, runOnNodes, plan, lookAt } = props;
  // What both operations have in common, which TypeScript does not see in a union.
  const found = props.found as unknown as Variable<FoundNodes<'create-cluster'>>;
  const { cluster, config, options } = found;
  const { externalEtcd } = config.kubernetes;

  const find = findNodes(scope, { operation, findNodes: props.findNodes, assignTo: props.found });
  const gather = fiftyAtATime(
    scope,
    'Look at the machines',
    {
      nodes: lookAt,
      assign: [set(facts, list(expression<Sequence<NodeResult>>`$reduce($states.result, $append, [])`))],
    },
    runOnNodesTask(scope, 'Look at fifty at a time', runOnNodes, {
      step: 'preflight',
      nodes: referTo<NamedInstance[]>('$states.input'),
      parameters: {
        Endpoint: expression<string>`$exists(${config.kubernetes.endpoint}) ? ${config.kubernetes.endpoint} : "none"`,
        EtcdEndpoints: expression<string>`$exists(${externalEtcd}) ? $join(${externalEtcd.endpoints}, ",") : "none"`,
        EtcdFiles: expression<string>`$exists(${externalEtcd}) ? ${externalEtcd.caFile} & "," & ${externalEtcd.certFile} & "," & ${externalEtcd.keyFile} : "none"`,
        // Of those that SSM does not reach nobody knows whether they run.
        ControlPlanes: addresses(
          expression<Sequence<string>>`${found.controlPlanes}[$not($exists(${unreachable}))].${privateIp}`,
        ),
        // Control planes are without a role there.
        Workers: addresses(expression<Sequence<string>>`${lookAt}[${role} = "worker"].${privateIp}`),
      },
      tolerateFailures: true,
      outputs: nodeResults,
    }),
  );
  const makePlan = lambdaTask(scope, 'Plan the nodes', {
    lambdaFunction: props.planCreate,
    payload: {
      ...{ operation, cluster, config, options },
      // A node that joins has nothing to do with machines of etcd.
      nodes:
        operation === 'create-cluster'
          ? expression<ClusterNode[]>`[${found.controlPlanes}, ${found.etcdNodes}, ${found.workers}]`
          : expression<ClusterNode[]>`[${found.controlPlanes}, ${found.workers}]`,
      facts: list(facts),
    },
    assignTo: plan,
  });
  const gates = actOnPlan<CreateReport>(scope, {
    plan,
    planOnly: options.planOnly,
    nothingChanged: { cluster, plan, outcome: 'nothing', summary: plan.summary },
  });
  const approve = approval(scope, {
    ...props,
    ...{ operation, cluster, config, plan, assignTo: props.approved, planAgain: find, unlessPart: true },
  });
  return find.next(gather).next(makePlan).next(gates).next(approve);
}
