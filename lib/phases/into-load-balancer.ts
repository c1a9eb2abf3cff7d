import type { Chain } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type {
  LoadBalancerTurn,
  RegisterTargetsInput,
  ReturnToLoadBalancerInput,
} from '../../lambdas/contracts/load-balancer';
import type { NamedInstance } from '../../lambdas/contracts/node';
import { atWork } from '../foundation/at-work';
import { context } from '../foundation/context';
import type { Expression, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata, pick } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { branchOf, phase } from './chaining';

export interface IntoLoadBalancerProps {
  registerTargets: LambdaFunction<RegisterTargetsInput, LoadBalancerTurn>;
  returnToLoadBalancer: LambdaFunction<ReturnToLoadBalancerInput, LoadBalancerTurn>;
  cluster: Expression<string>;
  config: Expression<ClusterConfig>;
  node: Expression<NamedInstance>;
  /** Keeps what was registered. */
  turn: Variable<LoadBalancerTurn>;
  /** Names the states: "the first control plane". */
  who: string;
}

const named = (node: Expression<NamedInstance>) => pick(node, 'instanceId', 'name') as Expression<NamedInstance>;

/** Registers a new control plane in the target groups of the cluster's settings; without any this is one question and an answer. */
export const register = (scope: Construct, props: IntoLoadBalancerProps): LambdaInvoke =>
  lambdaTask(scope, `Register ${props.who} in the load balancer`, {
    lambdaFunction: props.registerTargets,
    payload: { cluster: props.cluster, node: named(props.node), config: props.config },
    assignTo: props.turn,
  });

/** Waits until the load balancer sends it connections. Fails with TargetNotHealthy. */
export function waitUntilHealthy(scope: Construct, { turn, who, ...props }: IntoLoadBalancerProps): Chain {
  const look = lambdaTask(scope, `Look for ${who} in the load balancer`, {
    lambdaFunction: props.returnToLoadBalancer,
    payload: {
      ...{ cluster: props.cluster, execution: atWork.execution, at: context.State.EnteredTime },
      node: named(props.node),
      turn,
    },
    assignTo: turn,
  });
  const isIn = Choice.jsonata(scope, `Is ${who} in a load balancer?`).otherwise(look);
  const isHealthy = Choice.jsonata(scope, `Is ${who} healthy there?`).otherwise(
    Wait.jsonata(scope, `Wait until ${who} is healthy there`, {
      time: WaitTime.seconds(jsonata(turn.waitSeconds)),
    }).next(look),
  );
  look.next(isHealthy);
  return phase(
    isIn,
    branchOf(isIn, condition(expression`$count(${turn.left}) = 0`)),
    branchOf(isHealthy, condition(is(turn.next, 'go'))),
  );
}
