import type { Chain, IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import type {
  LeaveLoadBalancerInput,
  LoadBalancerTurn,
  ReturnToLoadBalancerInput,
} from '../../lambdas/contracts/load-balancer';
import type { NamedInstance } from '../../lambdas/contracts/node';
import type { OperationName } from '../../lambdas/contracts/operation';
import { context } from '../foundation/context';
import type { Expression, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata, pick } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { branchOf, phase } from './chaining';

export interface OutOfLoadBalancerProps {
  leaveLoadBalancer: LambdaFunction<LeaveLoadBalancerInput, LoadBalancerTurn>;
  returnToLoadBalancer: LambdaFunction<ReturnToLoadBalancerInput, LoadBalancerTurn>;
  operation: OperationName;
  cluster: Expression<string>;
  config: Expression<ClusterConfig>;
  node: Expression<NamedInstance>;
  /** The node again, where leaving has to refuse after a redrive. Default: `node`. */
  leavingNode?: Expression<NamedInstance>;
  /** Keeps what was left, and what to tell of it. */
  turn: Variable<LoadBalancerTurn>;
  /** Comes before `act` when connections had to drain, which takes minutes: what was found out before them may no longer hold. */
  lookAgain: IChainable;
  /** What is done while the node is out. */
  act: IChainable;
}

/**
 * Takes a node out of its load balancers, does `act`, and puts it back into those that it left, until it is healthy there. A node that
 * is in none leaves none. Where `act` fails, conclude-failure puts it back.
 */
export function outOfLoadBalancer(scope: Construct, props: OutOfLoadBalancerProps): Chain & { leave: LambdaInvoke } {
  const { turn, act } = props;
  const of = { cluster: props.cluster, execution: context.Execution.Id, at: context.State.EnteredTime };
  const named = (node: Expression<NamedInstance>) => pick(node, 'instanceId', 'name') as Expression<NamedInstance>;
  const waitAsTold = (name: string) => Wait.jsonata(scope, name, { time: WaitTime.seconds(jsonata(turn.waitSeconds)) });
  const turnSays = (next: LoadBalancerTurn['next']) => condition(is(turn.next, next));

  const leave = lambdaTask(scope, 'Leave the load balancer', {
    lambdaFunction: props.leaveLoadBalancer,
    payload: {
      ...of,
      operation: props.operation,
      since: context.Execution.StartTime,
      config: props.config,
      node: named(props.leavingNode ?? props.node),
    },
    assignTo: turn,
  });
  const hasLeft = Choice.jsonata(scope, 'Has it left the load balancer?')
    .when(turnSays('go'), act)
    .when(turnSays('settle'), waitAsTold('Let the load balancer settle').next(props.lookAgain).next(act))
    .otherwise(waitAsTold('Wait for its connections to drain').next(leave));

  const comeBack = lambdaTask(scope, 'Return to the load balancer', {
    lambdaFunction: props.returnToLoadBalancer,
    payload: { ...of, node: named(props.node), turn },
    assignTo: turn,
  });
  const didLeave = Choice.jsonata(scope, 'Did it leave the load balancer?').otherwise(comeBack);
  const isBack = Choice.jsonata(scope, 'Is it back in the load balancer?').otherwise(
    waitAsTold('Wait until it is healthy there').next(comeBack),
  );

  leave.next(hasLeft);
  for (const end of act.endStates) end.next(didLeave);
  comeBack.next(isBack);
  const leftNone = condition(expression`$count(${turn.left}) = 0`);
  return Object.assign(phase(leave, branchOf(didLeave, leftNone), branchOf(isBack, turnSays('go'))), { leave });
}
