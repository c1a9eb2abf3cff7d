import type { OperationDetails, OperationSummary, Requester } from '../../contracts/api/operations';
import { trigger } from '../../contracts/operation';
import type { DescribedExecution } from '../../aws/operation-executions';
import { clusterOfInput } from '../../domain/operations';
import { operationIdOf } from '../../domain/operation-ids';

/** An execution as the API tells it in lists. */
export function summarise(execution: DescribedExecution): OperationSummary {
  const { operation, status, startedAt, endedAt, input, error, cause } = execution;
  const cluster = clusterOfInput(input);
  return {
    id: operationIdOf(execution),
    operation,
    ...(cluster !== undefined && { cluster }),
    status,
    startedAt: startedAt.toISOString(),
    ...(endedAt && { endedAt: endedAt.toISOString() }),
    planOnly: field(input, 'planOnly') === true,
    requester: requesterOf(input),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

/** @param current names of the states that it is in */
export function describeInFull(execution: DescribedExecution, current: string[]): OperationDetails {
  const { trigger: _, ...input } = (execution.input ?? {}) as Record<string, unknown>;
  return {
    ...summarise(execution),
    input,
    current,
    ...(execution.output !== undefined && { output: execution.output }),
    executionArn: execution.arn,
  };
}

function requesterOf(input: unknown): Requester {
  const parsed = trigger.safeParse(field(input, 'trigger'));
  if (!parsed.success) return { source: 'unknown' };
  const { source, who } = parsed.data;
  return { source, ...(who !== undefined && { who }) };
}

const field = (input: unknown, name: string): unknown =>
  input !== null && typeof input === 'object' ? (input as Record<string, unknown>)[name] : undefined;
