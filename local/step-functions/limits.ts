import { StatesError } from './states-error';
import type { Payload } from './json';

/** Quotas of Standard workflows: AWS, "Step Functions service quotas". */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
export const MAX_VARIABLES_BYTES = 10 * 1024 * 1024;
export const MAX_HISTORY_EVENTS = 25_000;
export const MAX_DEFINITION_BYTES = 1024 * 1024;
export const MAX_NAME_LENGTH = 80;
/** An inline Map runs at most this many iterations at a time, whatever its MaxConcurrency. */
export const MAX_INLINE_CONCURRENCY = 40;
/** The default of a Task's TimeoutSeconds. */
export const MAX_SECONDS = 99_999_999;

/** @param who the state, or the service for a task's result. */
export function checkSize(payload: Payload, who: string): void {
  // A JSON text has at least as many bytes as characters, so most texts need not be measured.
  if (payload.text.length * 3 <= MAX_PAYLOAD_BYTES || payload.bytes <= MAX_PAYLOAD_BYTES) return;
  throw StatesError.dataLimitExceeded(
    `The state/task '${who}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
