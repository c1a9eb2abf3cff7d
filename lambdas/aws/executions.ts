import { DescribeExecutionCommand, ExecutionDoesNotExist, InvalidArn, type SFNClient } from '@aws-sdk/client-sfn';

export interface Description {
  /** Such as RUNNING or FAILED. */
  status: string | undefined;
  /** JSON text; absent where Step Functions leaves it out. */
  input?: string | undefined;
}

/** Undefined when there is no such execution (or its 90 days are over). */
export async function describeExecution(client: SFNClient, executionArn: string): Promise<Description | undefined> {
  try {
    const { status, input } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return { status, input };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist || error instanceof InvalidArn) return undefined;
    throw error;
  }
}

/** As describeExecution, of one that may have failed: with the error's name. */
export async function describeFailedExecution(
  client: SFNClient,
  executionArn: string,
): Promise<{ status: string; error?: string } | undefined> {
  try {
    const { status, error } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return { status: status ?? 'FAILED', ...(error !== undefined && { error }) };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

/** Status of an execution, such as RUNNING or FAILED; undefined when there is none (or its 90 days are over). */
export async function executionStatus(client: SFNClient, executionArn: string): Promise<string | undefined> {
  return (await describeExecution(client, executionArn))?.status;
}

/** Whether it may still act on nodes. Failed executions can be redriven; then they have to take the lock again. */
export function isRunning(status: string | undefined): boolean {
  return status === 'RUNNING' || status === 'PENDING_REDRIVE';
}
