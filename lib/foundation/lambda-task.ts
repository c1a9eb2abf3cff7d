import { TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { jsonata } from './jsonata';
import type { LambdaFunction } from './lambda-function';

export interface LambdaTaskProps {
  lambdaFunction: LambdaFunction;
  /** Values, or JSONata in {% %}. */
  payload: Record<string, unknown>;
  /** Variable that takes the function's answer. */
  assignTo?: string;
  /** Further variables. */
  assign?: Record<string, unknown>;
}

/** A state that asks a Lambda for a decision and keeps the answer in a variable. */
export function lambdaTask(
  scope: Construct,
  name: string,
  { lambdaFunction, payload, assignTo, assign }: LambdaTaskProps,
): LambdaInvoke {
  return LambdaInvoke.jsonata(scope, name, {
    lambdaFunction,
    payload: TaskInput.fromObject(payload),
    assign:
      assignTo || assign
        ? { ...(assignTo && { [assignTo]: jsonata('$states.result.Payload') }), ...assign }
        : undefined,
  });
}
