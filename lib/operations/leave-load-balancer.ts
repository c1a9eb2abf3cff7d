import type { INextable, IChainable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, Wait, WaitTime } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { jsonata } from '../foundation/jsonata';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';

const TURN = {
  cluster: jsonata('$found.cluster'),
  execution: jsonata('$states.context.Execution.Id'),
  at: jsonata('$states.context.State.EnteredTime'),
};

const waitAsTold = (states: Construct, name: string) =>
  Wait.jsonata(states, name, { time: WaitTime.seconds(jsonata('$turn.waitSeconds')) });
const turnSays = (next: string) => Condition.jsonata(jsonata(`$turn.next = "${next}"`));

/**
 * Takes a node out of its load balancers; goes on to `then` when nothing has to drain (or it is in none), to `lookAgain` after its
 * connections have drained and the load balancer has settled: minutes later. Keeps the turn in `$turn`.
 * @param node JSONata: {instanceId, name}
 */
export function leaveLoadBalancer(
  states: Construct,
  props: { leave: LambdaFunction; operation: string; node: string; then: IChainable; lookAgain: IChainable },
): LambdaInvoke {
  const leave = lambdaTask(states, 'Leave the load balancer', {
    lambdaFunction: props.leave,
    payload: {
      ...TURN,
      operation: props.operation,
      since: jsonata('$states.context.Execution.StartTime'),
      config: jsonata('$found.config'),
      node: jsonata(`${props.node}.{"instanceId": instanceId, "name": name}`),
    },
    assignTo: 'turn',
  });
  const hasLeft = Choice.jsonata(states, 'Has it left the load balancer?')
    .when(turnSays('go'), props.then)
    .when(turnSays('settle'), waitAsTold(states, 'Let the load balancer settle').next(props.lookAgain))
    .otherwise(waitAsTold(states, 'Wait for its connections to drain').next(leave));
  leave.next(hasLeft);
  return leave;
}

/** Puts the node of `$turn` back into the target groups that it left, and goes on to `then` once it is healthy there. */
export function returnToLoadBalancer(
  states: Construct,
  props: { after: INextable; comeBack: LambdaFunction; then: State },
): void {
  const comeBack = lambdaTask(states, 'Return to the load balancer', {
    lambdaFunction: props.comeBack,
    payload: { ...TURN, node: jsonata('$node.{"instanceId": instanceId, "name": name}'), turn: jsonata('$turn') },
    assignTo: 'turn',
  });
  const isBack = Choice.jsonata(states, 'Is it back in the load balancer?')
    .when(turnSays('go'), props.then)
    .otherwise(waitAsTold(states, 'Wait until it is healthy there').next(comeBack));
  comeBack.next(isBack);
  props.after.next(
    Choice.jsonata(states, 'Did it leave the load balancer?')
      .when(Condition.jsonata(jsonata('$count($turn.left) = 0')), props.then)
      .otherwise(comeBack),
  );
}
