import { count, shorten } from './plain-text';
import { timeIn } from './time-zone';

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
export function expiry(secondsLeft: number, notAfter: string, timeZone: string): string {
  const when = `(${dateIn(notAfter, timeZone)})`;
  return secondsLeft <= 0
    ? `expired ${duration(secondsLeft)} ago ${when}`
    : `runs out in ${duration(secondsLeft)} ${when}`;
}

/** "2026-12-05 11:00 CET", in the cluster's time zone; what is no date, as it is. */
export function dateIn(iso: string, timeZone: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? shorten(iso, 40) : timeIn(date, timeZone);
}

/** The same where no cluster's zone is known: "2026-12-05 10:00 UTC". */
export const dateUtc = (iso: string): string => dateIn(iso, 'UTC');

/** Days left with two decimals, as metrics and tables show it; negative as soon as it has expired. */
export function daysLeft(secondsLeft: number): number {
  const hundredths = (secondsLeft / DAY) * 100;
  return (secondsLeft < 0 ? Math.floor(hundredths) : Math.round(hundredths)) / 100;
}
