import { timeIn } from '../../lambdas/domain/text/time-zone';

/** "2026-11-29 04:00:12 CET", in the cluster's zone. */
export const formatTime = (iso: string, timeZone: string): string => timeIn(new Date(iso), timeZone, { seconds: true });

/** "41 s", "2 min 05 s", "1 h 10 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return minutes < 60
    ? `${minutes} min ${two(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** From one ISO time to another, or until now. */
export const took = (from: string, to: string | undefined, now: Date): string =>
  formatDuration((to === undefined ? now.getTime() : Date.parse(to)) - Date.parse(from));
