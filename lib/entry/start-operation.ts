import type { Construct } from 'constructs';
import type { StartRequest, StartedOperation } from '../../lambdas/contracts/operation';
import type { Approvals } from '../foundation/approvals';
import { LambdaFunction } from '../foundation/lambda-function';
import { describeExecutions, startExecutions, stateMachineArns } from '../foundation/operation-arns';

/**
 * Starts an operation under a name that its trigger determines, so that a trigger delivered twice starts it once. Schedules and
 * operations that start another one invoke it.
 */
export class StartOperation extends LambdaFunction<StartRequest, StartedOperation> {
  constructor(scope: Construct, id: string, approvals: Approvals) {
    super(scope, id, {
      name: 'start-operation',
      description: 'Starts an operation, once for each trigger',
      environment: {
        STATE_MACHINES: JSON.stringify(stateMachineArns(scope)),
        APPROVALS_TABLE: approvals.tableName,
      },
      permissions: [startExecutions(scope), describeExecutions(scope), approvals.writeStarts()],
    });
  }
}
