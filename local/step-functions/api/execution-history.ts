import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { page, paging } from './pages';

export const historyRequest = z.strictObject({
  executionArn: z.string(),
  reverseOrder: z.boolean().optional(),
  includeExecutionData: z.boolean().optional(),
  ...paging,
});

/** Members of event details that includeExecutionData: false leaves out: what went in and came out, not why something failed. */
const DATA = new Set([
  'input',
  'output',
  'parameters',
  'assignedVariables',
  'inputDetails',
  'outputDetails',
  'assignedVariablesDetails',
]);

export function executionHistory(all: HistoryEvent[], request: z.output<typeof historyRequest>) {
  const ordered = request.reverseOrder ? [...all].reverse() : all;
  const { items, next } = page(ordered, request);
  return { events: request.includeExecutionData === false ? items.map(withoutData) : items, ...next };
}

function withoutData(event: HistoryEvent): HistoryEvent {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      name.endsWith('EventDetails') ? withoutDataMembers(value as object) : value,
    ]),
  ) as unknown as HistoryEvent;
}

function withoutDataMembers(details: object): object {
  return Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name)));
}
