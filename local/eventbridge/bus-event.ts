import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from '../aws/aws-call';
import type { BusEvent } from '../local-aws';

/** An event of a service or of the app, with what every event carries. */
export function busEvent(
  event: Pick<BusEvent, 'source' | 'detail-type' | 'detail'> & { resources?: string[] },
  time: Date,
): BusEvent {
  return { id: randomUUID(), account: ACCOUNT, region: REGION, time: eventTime(time), resources: [], ...event };
}

/** Events carry whole seconds. */
export const eventTime = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z');
