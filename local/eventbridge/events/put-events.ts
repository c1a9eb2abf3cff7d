import { z } from 'zod';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { timestamp } from '../../aws/checked-action';
import type { BusEvent } from '../bus-event';
import { busEvent } from '../bus-event';
import { busName } from './rule';

const MOST_BYTES = 256 * 1024;

export const putEvents = z.strictObject({
  Entries: z
    .array(
      z.strictObject({
        Source: z.string().optional(),
        DetailType: z.string().optional(),
        Detail: z.string().optional(),
        Time: timestamp.optional(),
        Resources: z.array(z.string()).optional(),
        EventBusName: z.string().optional(),
        TraceHeader: z.string().optional(),
      }),
    )
    .min(1, 'expected 1 to 10 entries')
    .max(10, 'expected 1 to 10 entries'),
});
type Entry = z.output<typeof putEvents>['Entries'][number];

export const entryBus = (entry: Entry) => busName(entry.EventBusName ?? 'default');
export const busArn = (bus: string) => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${bus}`;

/** @throws AwsError ValidationException: the entries have more than 256 KB together. */
export function checkSize(entries: Entry[]): void {
  const bytes = entries.reduce((sum, entry) => sum + entrySize(entry), 0);
  if (bytes > MOST_BYTES) {
    throw new AwsError(
      'ValidationException',
      `Total size of the entries in the request is over the limit: ${bytes} of ${MOST_BYTES} bytes.`,
    );
  }
}

/** As EventBridge counts: 14 for a time, and what the texts take. */
function entrySize({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  return [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), Time ? 14 : 0);
}

/** The event of an entry, or why EventBridge does not take it. */
export function readEntry(entry: Entry, now: Date): BusEvent | { ErrorCode: string; ErrorMessage: string } {
  const { Source, DetailType, Detail, Resources, Time } = entry;
  const required = (name: string) => ({
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  });
  if (!Source) return required('Source');
  if (!DetailType) return required('DetailType');
  if (!Detail) return required('Detail');
  if (Source.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source: only AWS sends events of aws.*.',
    };
  }
  const detail = readObject(Detail);
  if (!detail)
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed: it has to be a JSON object.' };
  return busEvent({ source: Source, 'detail-type': DetailType, detail, resources: Resources ?? [] }, Time ?? now);
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
