import { count, shorten } from './plain-text';

const HOUR = 3600;
export const DAY = 24 * HOUR;

/** Seconds from `now` to `notAfter` (ISO 8601), negative once it has passed; undefined for what is no date. */
export function secondsUntil(notAfter: string | undefined, now: Date): number | undefined {
  const time = notAfter === undefined ? NaN : Date.parse(notAfter);
  return Number.isNaN(time) ? undefined : Math.floor((time - now.getTime()) / 1000);
}

/** "12 days", "5 hours", "20 minutes": rounded down, so that nobody is told more time than there is. */
export function duration(seconds: number): string {
  const length = Math.abs(seconds);
  if (length >= 2 * DAY) return count(Math.floor(length / DAY), 'day');
  if (length >= HOUR) return count(Math.floor(length / HOUR), 'hour');
  return count(Math.floor(length / 60), 'minute');
}

/** "runs out in 12 days (2026-12-05 10:00 UTC)" or "expired 3 hours ago (...)". */
export function expiry(secondsLeft: number, notAfter: string): string {
  const when = `(${dateUtc(notAfter)})`;
  return secondsLeft <= 0
    ? `expired ${duration(secondsLeft)} ago ${when}`
    : `runs out in ${duration(secondsLeft)} ${when}`;
}

/** "2026-12-05 10:00 UTC"; what is no date, as it is. */
export function dateUtc(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return shorten(iso, 40);
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Days left with two decimals, as metrics and tables show it; negative as soon as it has expired. */
export function daysLeft(secondsLeft: number): number {
  const hundredths = (secondsLeft / DAY) * 100;
  return (secondsLeft < 0 ? Math.floor(hundredths) : Math.round(hundredths)) / 100;
}
