import { Cron } from 'croner';
import { fromWallTime, wallTime } from './local-time';

const FIELDS = ['minutes', 'hours', 'day-of-month', 'month', 'day-of-week', 'year'];
const MOST: Record<string, number> = { minutes: 59, hours: 23, 'day-of-month': 31, month: 12, 'day-of-week': 7 };

const ALLOWED: Record<string, RegExp> = {
  minutes: /^[\d,*/-]+$/,
  hours: /^[\d,*/-]+$/,
  'day-of-month': /^[\dLW,*/-]+$/,
  month: /^[\dA-Z,*/-]+$/i,
  'day-of-week': /^[\dA-Z,*/#-]+$/i,
  year: /^[\d,*/-]+$/,
};

/**
 * EventBridge's `cron(minutes hours day-of-month month day-of-week year)` in a time zone. croner finds the times on a wall clock
 * that knows no summer time; what the zone makes of them is ours: a time that is skipped in spring is left out, one that comes
 * twice in autumn counts once, as EventBridge Scheduler documents it.
 */
export class CronExpression {
  private readonly onTheWall: Cron;

  /** @throws Error with what is wrong about `fields` (the text between the parentheses). */
  constructor(
    fields: string,
    private readonly timeZone: string,
  ) {
    this.onTheWall = new Cron(`0 ${toCroner(fields)}`, {
      timezone: 'UTC',
      alternativeWeekdays: true,
      domAndDow: true,
      paused: true,
    });
  }

  /** The first time after `time`. */
  next(time: Date): Date | undefined {
    let wall: Date | null = wallTime(time, this.timeZone);
    for (;;) {
      wall = this.onTheWall.nextRun(wall);
      if (!wall) return undefined;
      const found = fromWallTime(wall, this.timeZone);
      if (found && found > time) return found;
    }
  }
}

function toCroner(text: string): string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length)
    throw new Error(`it has ${fields.length} fields; the 6 are ${FIELDS.join(', ')}`);
  if ((fields[2] === '?') === (fields[4] === '?'))
    throw new Error('just one of day-of-month and day-of-week has to be ?');
  return fields.map((field, index) => fieldToCroner(field, FIELDS[index]!)).join(' ');
}

function fieldToCroner(field: string, name: string): string {
  if (field === '?' && name.startsWith('day-of-')) return '*';
  if (!ALLOWED[name]!.test(field))
    throw new Error(`the ${name} ${field} has a character that this field does not know`);
  if (name === 'day-of-week') checkDays(field);
  if (name === 'year') checkYears(field);
  return field
    .split(',')
    .map((part) => fromStart(part, name))
    .join(',');
}

/** `5/15`: every 15 from 5 on, which croner wants as a range. */
function fromStart(part: string, name: string): string {
  const [, start, step] = /^(\d+)\/(\d+)$/.exec(part) ?? [];
  if (start === undefined) return part;
  return `${start}-${name === 'year' ? 2199 : MOST[name]}/${step}`;
}

function checkDays(field: string): void {
  const odd = field.match(/\d+(?=[^#/\d]|$)|^\d+/g)?.find((day) => Number(day) < 1 || Number(day) > 7);
  if (odd !== undefined) throw new Error(`the day-of-week ${odd} is not one of 1 (Sunday) to 7 (Saturday)`);
}

function checkYears(field: string): void {
  const odd = field.match(/\d{3,}/g)?.find((year) => Number(year) < 1970 || Number(year) > 2199);
  if (odd !== undefined) throw new Error(`the year ${odd} is not one of 1970 to 2199`);
}
