import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';

const POLL_MS = 100;

export interface ExecutionEnd {
  status: string;
  output?: unknown;
  error?: string;
  cause?: string;
}

/** Waits for the first execution of a state machine that is not in `known`. Rejects with the signal's reason. */
export async function nextExecution(
  sfn: SFNClient,
  stateMachineArn: string,
  known: Set<string>,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    const fresh = executions.find((execution) => !known.has(execution.executionArn!));
    if (fresh) return fresh.executionArn!;
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Follows an execution to its end; `onState` hears each state's name as it is entered. */
export async function followExecution(
  sfn: SFNClient,
  executionArn: string,
  onState: (state: string) => void,
): Promise<ExecutionEnd> {
  let seen = 0;
  for (;;) {
    const { status, output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    const events = await history(sfn, executionArn);
    for (const event of events.slice(seen)) {
      const entered = event.stateEnteredEventDetails?.name;
      if (entered) onState(entered);
    }
    seen = events.length;
    if (status !== 'RUNNING') return { status: status!, output: output && JSON.parse(output), error, cause };
    await delay(POLL_MS);
  }
}

async function history(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: false, nextToken }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
}
