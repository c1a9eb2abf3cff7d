import { z } from 'zod';

const RFC3339 = z.iso.datetime({ offset: true }).regex(/T\d\d:\d\d:\d\d/);

/** A date and time in RFC 3339 with an uppercase T, seconds, and Z or an offset: what Wait takes as its Timestamp. */
export function isTimestamp(value: unknown): value is string {
  return RFC3339.safeParse(value).success;
}
