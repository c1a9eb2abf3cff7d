import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  StopExecutionCommand,
  type ExecutionStatus,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { executionArn, fromJson } from '../domain/operations';
import type { ExecutionOf } from '../domain/operation-ids';

/** An execution in a list: Step Functions tells no more there. */
export interface ListedExecution extends ExecutionOf {
  startedAt: Date;
}

/** What Step Functions tells of one execution. */
export interface DescribedExecution extends ListedExecution {
  arn: string;
  status: ExecutionStatus;
  endedAt?: Date | undefined;
  /** The input and output as they are, {} where Step Functions leaves the input out. */
  input: unknown;
  output?: unknown;
  error?: string | undefined;
  cause?: string | undefined;
}

export type StateMachines = Record<string, string>;

/** The latest executions of one operation, the latest first; `more`: there are older ones. At most 1,000. */
export async function listExecutions(
  client: SFNClient,
  machines: StateMachines,
  operation: ExecutionOf['operation'],
  { status, most }: { status?: ExecutionStatus | undefined; most: number },
): Promise<{ executions: ListedExecution[]; more: boolean }> {
  const { executions = [], nextToken } = await client.send(
    new ListExecutionsCommand({
      stateMachineArn: machines[operation],
      maxResults: most,
      ...(status && { statusFilter: status }),
    }),
  );
  return {
    executions: executions.map(({ name = '', startDate = new Date(0) }) => ({ operation, name, startedAt: startDate })),
    more: nextToken !== undefined,
  };
}

/** Undefined when there is none, or its 90 days are over. */
export async function describeOperation(
  client: SFNClient,
  machines: StateMachines,
  of: ExecutionOf,
): Promise<DescribedExecution | undefined> {
  const arn = executionArn(machines[of.operation] ?? '', of.name);
  try {
    const found = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
    return {
      ...of,
      arn,
      startedAt: found.startDate ?? new Date(0),
      status: found.status ?? 'RUNNING',
      endedAt: found.stopDate,
      input: fromJson(found.input) ?? {},
      output: fromJson(found.output),
      error: found.error,
      cause: found.cause,
    };
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}

export const MOST_EVENTS = 5_000;

/** Events in their order, 5,000 or one page more at most. `data`: with what states got and gave. */
export async function readHistory(client: SFNClient, arn: string, data: boolean): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory(
    { client, pageSize: 1000 },
    { executionArn: arn, includeExecutionData: data },
  );
  for await (const page of pages) {
    events.push(...(page.events ?? []));
    if (events.length >= MOST_EVENTS) break;
  }
  return events;
}

export async function stopExecution(client: SFNClient, arn: string, cause: string): Promise<void> {
  await client.send(new StopExecutionCommand({ executionArn: arn, error: 'Stopped', cause }));
}
