import type { Chain, IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { TakeOverLockInput, TakenLock } from '../../lambdas/contracts/cluster-lock';
import type { OperationName } from '../../lambdas/contracts/operation';
import { context } from '../foundation/context';
import type { Expression } from '../foundation/expressions';
import { expression } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';
import type { ClusterLock } from '../foundation/lock';
import { LOCK_HELD_BY_ANOTHER } from '../foundation/lock';
import { phase } from './chaining';

export interface WithLockProps {
  lock: ClusterLock;
  takeOverLock: LambdaFunction<TakeOverLockInput, TakenLock>;
  operation: OperationName;
  cluster: Expression<string>;
}

/**
 * Does `act` while this execution holds the cluster's lock. Where `act` fails, conclude-failure gives the lock back. Fails with
 * ClusterLocked when another execution holds it that still runs.
 */
export function withLock(
  scope: Construct,
  { lock, takeOverLock, operation, cluster }: WithLockProps,
  act: IChainable,
): Chain {
  const holder = context.Execution.Id;
  const hold = lock.hold(scope, 'Hold the lock', {
    cluster,
    holder,
    operation: expression`${operation}`,
    since: context.Execution.StartTime,
  });
  const takeOver = lambdaTask(scope, 'Take over the lock if its holder has ended', {
    lambdaFunction: takeOverLock,
    payload: { cluster, operation, holder },
  });
  const release = lock.release(scope, 'Release the lock', { cluster, holder });
  // By on-operation-ended, when this execution was stopped and redriven: what was done is done all the same.
  const released = Pass.jsonata(scope, 'The lock was given back already');

  hold.addCatch(takeOver.next(act), { errors: LOCK_HELD_BY_ANOTHER });
  release.addCatch(released, { errors: LOCK_HELD_BY_ANOTHER });
  return phase(hold.next(act).next(release), release, released);
}
