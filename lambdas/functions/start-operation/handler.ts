import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { startOperationInput, type StartedOperation } from '../../contracts/start-operation';
import { canonicalJson } from '../../domain/digest';
import { stepFunctions } from '../../aws/clients';
import { describeProblems } from '../../domain/text/describe-problem';
import { executionStatus } from '../../aws/executions';
import { stateMachines } from '../../runtime/environment';
import { logger } from '../../runtime/logger';
import { UserError } from '../../runtime/user-error';
import { executionArn, executionName } from '../../domain/operations';

/** Starts an operation for a trigger; the same trigger delivered again gets the execution that there is. */
export async function handler(payload: unknown): Promise<StartedOperation> {
  const parsed = startOperationInput.safeParse(payload);
  if (!parsed.success) {
    const problems = describeProblems(parsed.error, payload);
    throw new UserError(
      'InvalidInput',
      `The trigger is not valid: ${problems}; expected {"operation", "cluster", "trigger": {"source", "id"}}: correct what sends it.`,
    );
  }
  const { operation, cluster, trigger } = parsed.data;
  const stateMachineArn = stateMachines()[operation];
  if (!stateMachineArn) throw new Error(`STATE_MACHINES has no ${operation}: deploy the app again.`);
  const name = executionName(operation, cluster, trigger);
  // The same text for the same trigger: Step Functions compares it before it calls two starts the same.
  const input = canonicalJson({ cluster, trigger });
  try {
    const started = await stepFunctions().send(new StartExecutionCommand({ stateMachineArn, name, input }));
    logger.info('Operation started', { operation, cluster, execution: name });
    return {
      executionArn: started.executionArn ?? executionArn(stateMachineArn, name),
      started: true,
      status: 'RUNNING',
    };
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    const arn = executionArn(stateMachineArn, name);
    const status = (await executionStatus(stepFunctions(), arn)) ?? 'UNKNOWN';
    logger.info('Operation had been started by the same trigger', { operation, cluster, execution: name, status });
    return { executionArn: arn, started: false, status };
  }
}
