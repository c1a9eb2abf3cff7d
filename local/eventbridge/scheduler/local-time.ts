/** Wall-clock times of a time zone are kept as Dates whose UTC fields show what the clock on the wall shows. */
export type WallTime = Date;

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError when there is no such time zone. */
function format(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, made);
  return made;
}

export function isTimeZone(timeZone: string): boolean {
  try {
    format(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** What the clock on the wall shows at `time`, to the second. */
export function wallTime(time: Date, timeZone: string): WallTime {
  const parts = Object.fromEntries(
    format(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return new Date(
    Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'], parts['second']),
  );
}

/** When the wall shows `wall`: the first time when the hour comes twice in autumn, never when it is skipped in spring. */
export function fromWallTime(wall: WallTime, timeZone: string): Date | undefined {
  // An offset is at most a day; both offsets around a change are among these.
  const offsets = [-1, 0, 1].map((days) => {
    const around = new Date(wall.getTime() + days * 86_400_000);
    return wallTime(around, timeZone).getTime() - around.getTime();
  });
  const candidates = offsets.map((offset) => new Date(wall.getTime() - offset));
  return candidates
    .filter((time) => wallTime(time, timeZone).getTime() === wall.getTime())
    .sort((a, b) => a.getTime() - b.getTime())[0];
}
