import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from '../aws/aws-call';

/** An event on an event bus, with EventBridge's member names. */
export interface BusEvent {
  id: string;
  source: string;
  'detail-type': string;
  account: string;
  region: string;
  /** ISO 8601. */
  time: string;
  resources: string[];
  detail: Record<string, unknown>;
}

/** An event of a service or of the app, with what every event carries. */
export function busEvent(
  event: Pick<BusEvent, 'source' | 'detail-type' | 'detail'> & { resources?: string[] },
  time: Date,
): BusEvent {
  return { id: randomUUID(), account: ACCOUNT, region: REGION, time: eventTime(time), resources: [], ...event };
}

/** Events carry whole seconds. */
export const eventTime = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z');
