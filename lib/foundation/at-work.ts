import type { OperationName } from '../../lambdas/contracts/operation';
import type { OperationLock } from '../../lambdas/contracts/run-on-nodes';
import { context } from './context';
import type { Expression, Payload } from './expressions';
import { expression, referTo } from './expressions';

/** What replace-node hands to the executions that do its work: find-nodes lets no other input have it. */
const handedOver = referTo<OperationLock>('$states.context.Execution.Input.replacement.lock');
const otherwise = <Value>(handed: Expression<Value>, own: Expression<Value>): Expression<Value> =>
  expression`($exists(${handedOver}) ? ${handed} : ${own})`;

/** This execution is a part of another one's work. */
export const isForAnother = expression<boolean>`$exists(${handedOver})`;

/** The operation that is at work on the cluster, and holds its lock: this execution, or the one that runs it as a part of its own work. */
export const atWork = {
  /** ARN of its execution. */
  execution: otherwise(handedOver.holder, context.Execution.Id),
  since: otherwise(handedOver.since, context.Execution.StartTime),
  lock: (cluster: Expression<string>): Payload<OperationLock> => ({
    ...{ cluster, holder: atWork.execution, since: atWork.since },
  }),
  operation: (own: OperationName): Expression<string> =>
    otherwise(expression`${'replace-node' satisfies OperationName}`, expression`${own}`),
};
