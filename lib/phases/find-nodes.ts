import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { FindNodesInput, FoundNodes } from '../../lambdas/contracts/find-nodes';
import type { OperationName } from '../../lambdas/contracts/operation';
import { context } from '../foundation/context';
import type { Variable } from '../foundation/expressions';
import type { LambdaFunction } from '../foundation/lambda-function';
import { lambdaTask } from '../foundation/lambda-task';

export interface FindNodesProps<Name extends OperationName> {
  operation: Name;
  findNodes: LambdaFunction<FindNodesInput, FoundNodes>;
  assignTo: Variable<FoundNodes<Name>>;
}

/** The first phase of every operation: checks the execution's input, reads the cluster's settings and finds its nodes. */
export function findNodes<Name extends OperationName>(
  scope: Construct,
  { operation, findNodes, assignTo }: FindNodesProps<Name>,
): LambdaInvoke {
  return lambdaTask(scope, 'Find the nodes', {
    // Its answer has the options of the operation that it is asked for.
    lambdaFunction: findNodes as LambdaFunction<FindNodesInput, unknown> as LambdaFunction<
      FindNodesInput,
      FoundNodes<Name>
    >,
    payload: { operation, input: context.Execution.Input },
    assignTo,
  });
}
