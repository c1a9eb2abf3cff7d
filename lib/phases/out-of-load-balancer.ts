import type { Chain, IChainable, INextable } from 'aws-cdk-lib/aws-stepfunctions';
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
import { atWork } from '../foundation/at-work';
import { context } from '../foundation/context';
import type { Expression, Variable } from '../foundation/expressions';
import { condition, expression, is, jsonata, pick } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import { branchOf, phase } from './chaining';

export interface LeaveLoadBalancerProps {
  leaveLoadBalancer: LambdaFunction<LeaveLoadBalancerInput, LoadBalancerTurn>;
  operation: OperationName;
  cluster: Expression<string>;
  config: Expression<ClusterConfig>;
  node: Expression<NamedInstance>;
  /** The node again, where leaving has to refuse after a redrive. Default: `node`. */
  leavingNode?: Expression<NamedInstance>;
  /** Keeps what was left, and what to tell of it. */
  turn: Variable<LoadBalancerTurn>;
}

export interface OutOfLoadBalancerProps extends LeaveLoadBalancerProps {
  returnToLoadBalancer: LambdaFunction<ReturnToLoadBalancerInput, LoadBalancerTurn>;
  /** Comes before `act` when connections had to drain, which takes minutes: what was found out before them may no longer hold. */
  lookAgain: IChainable;
  /** What is done while the node is out. */
  act: IChainable;
}

const named = (node: Expression<NamedInstance>) => pick(node, 'instanceId', 'name') as Expression<NamedInstance>;
const turnOf = ({ cluster }: LeaveLoadBalancerProps) => ({
  ...{ cluster, execution: atWork.execution, at: context.State.EnteredTime },
});
const turnSays = ({ turn }: LeaveLoadBalancerProps, next: LoadBalancerTurn['next']) => condition(is(turn.next, next));
const waitAsTold = (scope: Construct, { turn }: LeaveLoadBalancerProps, name: string) =>
  Wait.jsonata(scope, name, { time: WaitTime.seconds(jsonata(turn.waitSeconds)) });

interface Left {
  leave: LambdaInvoke;
  /** It has left none, or all that it left are written down. */
  gone: INextable;
  /** The same after its connections have drained, which takes minutes. */
  settled: INextable;
}

function leaveFirst(scope: Construct, props: LeaveLoadBalancerProps): Left {
  const leave = lambdaTask(scope, 'Leave the load balancer', {
    lambdaFunction: props.leaveLoadBalancer,
    payload: {
      ...turnOf(props),
      operation: props.operation,
      since: atWork.since,
      config: props.config,
      node: named(props.leavingNode ?? props.node),
    },
    assignTo: props.turn,
  });
  const settle = waitAsTold(scope, props, 'Let the load balancer settle');
  const hasLeft = Choice.jsonata(scope, 'Has it left the load balancer?');
  leave.next(hasLeft);
  hasLeft.otherwise(waitAsTold(scope, props, 'Wait for its connections to drain').next(leave));
  const settled: INextable = {
    next: (next) => {
      hasLeft.when(turnSays(props, 'settle'), settle);
      return settle.next(next);
    },
  };
  return { leave, gone: branchOf(hasLeft, turnSays(props, 'go')), settled };
}

/**
 * Takes a node out of its load balancers, and does not put it back. What it left is written down until somebody deletes that: where the operation
 * fails before, conclude-failure puts it back.
 */
export function leaveLoadBalancer(scope: Construct, props: LeaveLoadBalancerProps): Chain & { leave: LambdaInvoke } {
  const { leave, gone, settled } = leaveFirst(scope, props);
  return Object.assign(phase(leave, gone, settled), { leave });
}

/**
 * Takes a node out of its load balancers, does `act`, and puts it back into those that it left, until it is healthy there. A node that
 * is in none leaves none. Where `act` fails, conclude-failure puts it back.
 */
export function outOfLoadBalancer(scope: Construct, props: OutOfLoadBalancerProps): Chain & { leave: LambdaInvoke } {
  const { turn, act } = props;
  const { leave, gone, settled } = leaveFirst(scope, props);
  gone.next(act);
  settled.next(props.lookAgain).next(act);

  const comeBack = lambdaTask(scope, 'Return to the load balancer', {
    lambdaFunction: props.returnToLoadBalancer,
    payload: { ...turnOf(props), node: named(props.node), turn },
    assignTo: turn,
  });
  const didLeave = Choice.jsonata(scope, 'Did it leave the load balancer?').otherwise(comeBack);
  const isBack = Choice.jsonata(scope, 'Is it back in the load balancer?').otherwise(
    waitAsTold(scope, props, 'Wait until it is healthy there').next(comeBack),
  );

  for (const end of act.endStates) end.next(didLeave);
  comeBack.next(isBack);
  const leftNone = condition(expression`$count(${turn.left}) = 0`);
  return Object.assign(phase(leave, branchOf(didLeave, leftNone), branchOf(isBack, turnSays(props, 'go'))), { leave });
}
