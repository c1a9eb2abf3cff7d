/** Slack takes about 50 edits a minute of a whole workspace. */
export const INTERVAL_MS = 3_000;

/**
 * When an event may edit its message. `nextAt` is the time from which on the next edit is free: one that lies more than an interval ahead
 * has been reserved by an event that waits for it, and that will show this one's news as well.
 */
export function whenToEdit(nextAt: number, now: number): { wait: number; nextAt: number } | undefined {
  if (nextAt > now + INTERVAL_MS) return undefined;
  const at = Math.max(now, nextAt);
  return { wait: at - now, nextAt: at + INTERVAL_MS };
}
