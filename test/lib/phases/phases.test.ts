import { App, Duration, Stack } from 'aws-cdk-lib';
import { Pass, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../../lambdas/contracts/cluster-config';
import type { TakeOverLockInput, TakenLock } from '../../../lambdas/contracts/cluster-lock';
import type {
  LeaveLoadBalancerInput,
  LoadBalancerTurn,
  ReturnToLoadBalancerInput,
} from '../../../lambdas/contracts/load-balancer';
import type { NamedInstance } from '../../../lambdas/contracts/node';
import { variable } from '../../../lib/foundation/expressions';
import { LambdaFunction } from '../../../lib/foundation/lambda-function';
import { ClusterLock } from '../../../lib/foundation/lock';
import { Workflow } from '../../../lib/foundation/workflow';
import { named } from '../../../lib/phases/chaining';
import { oneAtATime } from '../../../lib/phases/one-at-a-time';
import { outOfLoadBalancer } from '../../../lib/phases/out-of-load-balancer';
import { withLock } from '../../../lib/phases/with-lock';
import type { Scope } from '../../helpers/state-machine';
import { statesOf, ways } from '../../helpers/state-machine';

/** The definition of a state machine made of these phases. References to other resources do not matter here. */
function definitionOf(build: (scope: Construct, stack: Stack) => IChainable): Scope {
  const stack = new Stack(new App(), 'Stack');
  const definition = (scope: Construct) => build(scope, stack);
  new Workflow(stack, 'Machine', { name: 'test', comment: 'for a test', timeout: Duration.minutes(1), definition });
  const machines = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const { DefinitionString } = (machines[0] as { Properties: { DefinitionString: unknown } }).Properties;
  const [, parts] = (DefinitionString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'reference')).join('')) as Scope;
}

const node = variable<NamedInstance>('node');
const operation = 'renew-certificates';

test('phases nest, and a machine uses one as often as it likes', () => {
  const definition = definitionOf((scope, stack) => {
    const lambda = <Input, Output>(name: string) =>
      new LambdaFunction<Input, Output>(stack, name, { name, description: name });
    const leaveLoadBalancer = lambda<LeaveLoadBalancerInput, LoadBalancerTurn>('leave-load-balancer');
    const returnToLoadBalancer = lambda<ReturnToLoadBalancerInput, LoadBalancerTurn>('return-to-load-balancer');
    const takeOverLock = lambda<TakeOverLockInput, TakenLock>('take-over-lock');
    const lock = new ClusterLock(stack, 'Lock');
    const cluster = variable<string>('cluster');

    const outside = (prefix: string) =>
      named(scope, prefix, (own) =>
        outOfLoadBalancer(own, {
          ...{ leaveLoadBalancer, returnToLoadBalancer, operation, cluster, node },
          config: variable<ClusterConfig>('config'),
          turn: variable<LoadBalancerTurn>('turn'),
          lookAgain: Pass.jsonata(own, 'Look again'),
          act: Pass.jsonata(own, 'Act'),
        }).next(Succeed.jsonata(own, 'Done')),
      );
    const items = variable<NamedInstance[]>('nodes');
    const wave = (prefix: string) => oneAtATime(scope, `${prefix}: One at a time`, { items }, outside(prefix));
    const act = wave('First').next(wave('Second'));
    return withLock(scope, { lock, takeOverLock, operation, cluster }, act).next(Succeed.jsonata(scope, 'All done'));
  });

  expect(Object.keys(statesOf(definition)).sort()).toEqual(
    [
      ...['All done', 'Hold the lock', 'Release the lock', 'Take over the lock if its holder has ended'],
      'The lock is not its own',
      ...['First', 'Second'].flatMap((prefix) =>
        [
          ...[
            'One at a time',
            'Leave the load balancer',
            'Has it left the load balancer?',
            'Act',
            'Look again',
            'Done',
          ],
          ...['Let the load balancer settle', 'Wait for its connections to drain', 'Did it leave the load balancer?'],
          ...['Return to the load balancer', 'Is it back in the load balancer?', 'Wait until it is healthy there'],
        ].map((name) => `${prefix}: ${name}`),
      ),
    ].sort(),
  );
  expect(ways(definition)).toEqual(
    expect.arrayContaining([
      'Hold the lock → First: One at a time',
      'Take over the lock if its holder has ended → First: One at a time',
      'First: One at a time → Second: One at a time',
      'First: Act → First: Did it leave the load balancer?',
      'Second: Let the load balancer settle → Second: Look again',
      'Second: Did it leave the load balancer? [$count($turn.left) = 0] → Second: Done',
      'Release the lock → All done',
      'The lock is not its own → All done',
    ]),
  );
});
