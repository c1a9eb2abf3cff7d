import { TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { Assignment } from './assign';
import { assignments, set } from './assign';
import type { Expression, Payload, Variable } from './expressions';
import { jsonata, referTo, render } from './expressions';
import type { LambdaFunction } from './lambda-function';

export interface LambdaTaskProps<Input, Output> {
  lambdaFunction: LambdaFunction<Input, Output>;
  payload: Payload<Input>;
  /** Takes the function's answer. */
  assignTo?: Variable<Output>;
  /** Further variables. */
  assign?: Assignment[];
  /** The state's output. Default: what Lambda answers. */
  outputs?: Expression<unknown>;
}

/** A state that asks a Lambda for a decision and keeps the answer in a variable. */
export function lambdaTask<Input, Output>(
  scope: Construct,
  name: string,
  { lambdaFunction, payload, assignTo, assign = [], outputs }: LambdaTaskProps<Input, Output>,
): LambdaInvoke {
  return LambdaInvoke.jsonata(scope, name, {
    lambdaFunction,
    payload: TaskInput.fromObject(render(payload) as Record<string, unknown>),
    outputs: outputs && jsonata(outputs),
    assign: assignments([
      ...(assignTo ? [set(assignTo, referTo<Output>('$states.result.Payload') as Payload<Output>)] : []),
      ...assign,
    ]),
  });
}
