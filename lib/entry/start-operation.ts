import type { Construct } from 'constructs';
import { LambdaFunction } from '../foundation/lambda-function';
import type { Operations } from '../foundation/operation';
import { stateMachineArns } from '../foundation/operation';
import { describeExecutions } from '../operations/operation-functions';

/** Starts an operation under a name that its trigger determines, so that a trigger delivered twice starts it once. */
export class StartOperation extends LambdaFunction {
  constructor(scope: Construct, id: string, operations: Operations) {
    const arns = stateMachineArns(operations);
    super(scope, id, {
      name: 'start-operation',
      description: 'Starts an operation, once for each trigger',
      environment: { STATE_MACHINES: JSON.stringify(arns) },
      permissions: [{ actions: ['states:StartExecution'], resources: Object.values(arns) }, describeExecutions(scope)],
    });
  }
}
