import type { AwsCall, AwsOutput } from './aws/aws-call';
import type { BusEvent } from './eventbridge/bus-event';

/** For tests: wraps each AWS call of the app; may throw an AwsError, wait, or call `next` and change what comes back. */
export type CallInterceptor = (call: AwsCall, next: () => Promise<AwsOutput>) => Promise<AwsOutput>;
/** For tests: sees each event before its rules do; the events it returns are delivered (none: lost; two: delivered twice). */
export type EventInterceptor = (event: BusEvent) => BusEvent[];
