import type { Clock } from '../../clock';

/** A signal that is aborted when the clock reaches `time`. */
export function deadline(time: Date, clock: Clock): { signal: AbortSignal; cancel(): void } {
  const reached = new AbortController();
  const over = new AbortController();
  clock.sleepUntil(time, over.signal).then(
    () => reached.abort(),
    () => undefined,
  );
  return { signal: reached.signal, cancel: () => over.abort() };
}
