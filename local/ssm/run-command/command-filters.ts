import { z } from 'zod';
import { AwsError } from '../../aws/aws-call';
import type { Command, Invocation } from './command';

/** The only list of SSM whose filters are written in lower case. */
export const commandFilters = z
  .array(z.strictObject({ key: z.string(), value: z.string().min(1).max(128) }))
  .max(5, 'at most 5 filters are allowed')
  .default([]);
type Filters = z.output<typeof commandFilters>;

/** @throws AwsError InvalidFilterKey, ValidationException. */
export function commandMatches(item: Command | Invocation, filters: Filters): boolean {
  return filters.every(({ key, value }) => matches(item, key, value));
}

function matches(item: Command | Invocation, key: string, value: string): boolean {
  const { request, document } = 'command' in item ? item.command : item;
  switch (key) {
    case 'InvokedAfter':
      return request.requestedAt >= date(key, value);
    case 'InvokedBefore':
      return request.requestedAt < date(key, value);
    case 'Status':
      // TimedOut stands for both kinds; the kinds have names without spaces here.
      return item.status === value || item.details.replaceAll(' ', '') === value;
    case 'DocumentName':
      return document.name === value;
    case 'ExecutionStage':
      return (item.isOver ? 'Complete' : 'Executing') === value;
    default:
      throw new AwsError(
        'InvalidFilterKey',
        `There is no filter ${key}; there are InvokedAfter, InvokedBefore, Status, DocumentName and ExecutionStage.`,
      );
  }
}

function date(key: string, value: string): Date {
  const time = new Date(value);
  if (!/^\d{4}-\d\d-\d\dT/.test(value) || Number.isNaN(time.getTime())) {
    throw new AwsError(
      'ValidationException',
      `The filter ${key} takes a time such as 2026-01-31T00:00:00Z, not "${value}".`,
    );
  }
  return time;
}
