import type { Chain, IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { TakeOverLockInput, TakenLock } from '../../lambdas/contracts/cluster-lock';
import type { OperationName } from '../../lambdas/contracts/operation';
import { atWork } from '../foundation/at-work';
import { context } from '../foundation/context';
import type { Expression } from '../foundation/expressions';
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
 * ClusterLocked when another execution holds it that still runs. The lock of the operation that this execution works for is kept.
 */
export function withLock(
  scope: Construct,
  { lock, takeOverLock, operation, cluster }: WithLockProps,
  act: IChainable,
): Chain {
  const holder = atWork.execution;
  const hold = lock.hold(scope, 'Hold the lock', {
    cluster,
    holder,
    operation: atWork.operation(operation),
    since: atWork.since,
  });
  const takeOver = lambdaTask(scope, 'Take over the lock if its holder has ended', {
    lambdaFunction: takeOverLock,
    payload: { cluster, operation, holder },
  });
  const release = lock.release(scope, 'Release the lock', { cluster, holder: context.Execution.Id });
  // Given back by on-operation-ended, when this execution was stopped and redriven; or another execution's, for which this one works.
  const released = Pass.jsonata(scope, 'The lock is not its own');

  hold.addCatch(takeOver.next(act), { errors: LOCK_HELD_BY_ANOTHER });
  release.addCatch(released, { errors: LOCK_HELD_BY_ANOTHER });
  return phase(hold.next(act).next(release), release, released);
}
