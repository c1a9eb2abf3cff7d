import type { IChainable, IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Fail, Parallel, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { OperationName } from '../../lambdas/contracts/operation';
import type { ConcludeFailureInput, ConcludedFailure } from '../../lambdas/contracts/failures';
import { context, caughtError } from './context';
import type { CaughtError } from './context';
import type { Payload } from './expressions';
import { expression, jsonata, referTo, render, variable } from './expressions';
import { assignments, set } from './assign';
import type { LambdaFunction } from './lambda-function';
import { acknowledgeVersionsOf } from './lambda-function';
import { acknowledgeExecutionsOf } from './nested-workflow';
import type { RunOnNodes } from '../node-access/run-on-nodes';
import type { WorkflowProps } from './workflow';
import { Workflow } from './workflow';

/** The state machine of each operation. */
export type Operations = Record<OperationName, IStateMachine>;

export interface OperationProps extends Omit<WorkflowProps, 'name' | 'definition'> {
  operation: OperationName;
  runOnNodes: RunOnNodes;
  /** Puts a failure into one sentence, gives the lock back and tells people. */
  concludeFailure: LambdaFunction<ConcludeFailureInput, ConcludedFailure>;
  /** The other state machines that the steps run. */
  runs?: IStateMachine[];
  /** All functions that the steps invoke. */
  functions: LambdaFunction[];
  steps(scope: Construct): IChainable;
}

/** A state machine that does one operation for one cluster. Whatever fails in its steps, the end is told and the lock given back. */
export class Operation extends Workflow {
  constructor(scope: Construct, id: string, props: OperationProps) {
    super(scope, id, { ...props, name: props.operation, definition: (states) => definition(states, props) });
    acknowledgeVersionsOf(this, props.concludeFailure, ...props.functions);
    acknowledgeExecutionsOf(this, props.runOnNodes, ...(props.runs ?? []));
  }
}

const failure = variable<CaughtError>('failure');
const concluded = referTo<ConcludedFailure>('$states.input');

function definition(states: Construct, { operation, concludeFailure, steps }: OperationProps): IChainable {
  const all = Parallel.jsonata(states, `Do ${operation}`, {
    comment: 'One branch, so that one Catch holds for all steps',
    outputs: jsonata(expression`$states.result[0]`),
  });
  const payload: Payload<ConcludeFailureInput> = {
    operation,
    input: context.Execution.Input,
    execution: context.Execution.Id,
    error: failure,
  };
  const conclude = LambdaInvoke.jsonata(states, 'Tell what failed', {
    lambdaFunction: concludeFailure,
    payload: TaskInput.fromObject(render(payload) as Record<string, unknown>),
    outputs: jsonata(expression`$states.result.Payload`),
  });
  const failed = Fail.jsonata(states, 'The operation has failed', {
    error: jsonata(concluded.error),
    cause: jsonata(concluded.cause),
  });
  const toldNobody = Fail.jsonata(states, 'The operation has failed and nobody was told', {
    error: jsonata(failure.Error),
    cause: jsonata(expression`[${failure.Cause}, ""][0]`),
  });
  all.branch(steps(states));
  all.addCatch(conclude.addCatch(toldNobody).next(failed), { assign: assignments([set(failure, caughtError)]) });
  return all.next(Succeed.jsonata(states, 'The operation has succeeded'));
}
