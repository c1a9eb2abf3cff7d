/** Seconds until the load balancer is asked again, when it has been waited for so many seconds: often at first, then every half minute. */
export function nextWait(waitedSeconds: number): number {
  return Math.min(30, Math.max(5, Math.round(waitedSeconds)));
}

/** Seconds from one ISO 8601 time to another. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
