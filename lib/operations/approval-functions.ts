import type { Construct } from 'constructs';
import type { AwaitApprovalInput, RequestApprovalInput, RequestedApproval } from '../../lambdas/contracts/approval';
import type { Approvals } from '../foundation/approvals';
import { wakeOperations } from '../foundation/approvals';
import { LambdaFunction } from '../foundation/lambda-function';

/** The Lambdas of the phase approval. */
export function approvalFunctions(scope: Construct, approvals: Approvals) {
  const environment = { APPROVALS_TABLE: approvals.tableName };
  return {
    requestApproval: new LambdaFunction<RequestApprovalInput, RequestedApproval>(scope, 'RequestApproval', {
      name: 'request-approval',
      description: 'Asks people for the approval of a plan, and decides whether it is approved',
      environment,
      permissions: [approvals.request(), approvals.readStarts()],
    }),
    awaitApproval: new LambdaFunction<AwaitApprovalInput, unknown>(scope, 'AwaitApproval', {
      name: 'await-approval',
      description: 'Keeps the task token with which an approval wakes the operation',
      environment,
      permissions: [approvals.keepTokens(), wakeOperations(scope)],
    }),
  };
}
