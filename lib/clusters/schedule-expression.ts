/** One field of EventBridge Scheduler's cron(...): its name, its range, the names for its numbers, and its special characters. */
interface CronField {
  name: string;
  from: number;
  to: number;
  names?: readonly string[];
  special: string;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based */
const CRON_FIELDS: readonly CronField[] = [
  { name: 'minutes', from: 0, to: 59, special: ', - * /' },
  { name: 'hours', from: 0, to: 23, special: ', - * /' },
  { name: 'day-of-month', from: 1, to: 31, special: ', - * ? / L W' },
  { name: 'month', from: 1, to: 12, names: MONTHS, special: ', - * /' },
  { name: 'day-of-week', from: 1, to: 7, names: DAYS, special: ', - * ? L #' },
  { name: 'year', from: 1970, to: 2199, special: ', - * /' },
];

/** What is wrong with a schedule expression of EventBridge Scheduler ("must ..."), or undefined. */
export function mistakeInSchedule(expression: string): string | undefined {
  const [, kind, inside = ''] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return mistakeInCron(inside);
  if (kind === 'rate' && !/^[1-9]\d* (minutes?|hours?|days?)$/.test(inside)) {
    return 'must be rate(number unit) with the unit minutes, hours or days, such as rate(12 hours)';
  }
  if (kind === 'at' && !isTime(inside)) return 'must be at(yyyy-mm-ddThh:mm:ss), such as at(2027-01-31T03:00:00)';
  return kind ? undefined : 'must be cron(...), rate(...) or at(...), such as cron(0 3 * * ? *)';
}

/** Whether a valid schedule expression fires at least once on every day. */
export function firesDaily(expression: string): boolean {
  const [, kind, inside = ''] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') {
    const [value, unit = ''] = inside.split(' ');
    return unit.startsWith('day') ? value === '1' : Number(value) * (unit.startsWith('hour') ? 60 : 1) <= 24 * 60;
  }
  return (
    kind === 'cron' &&
    inside
      .split(/\s+/)
      .slice(2)
      .every((field) => field === '*' || field === '?')
  );
}

function mistakeInCron(inside: string): string | undefined {
  const fields = inside.trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) {
    return `must have six fields (${CRON_FIELDS.map(({ name }) => name).join(', ')}), but has ${inside.trim() ? fields.length : 0}`;
  }
  const [dayOfMonth, dayOfWeek] = [fields[2], fields[4]];
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    return 'must have ? either as day-of-month or as day-of-week, and not as both';
  for (const [i, field] of CRON_FIELDS.entries()) {
    const wrong = fields[i]!.split(',').find((part) => !isCronPart(part, field));
    if (wrong !== undefined) {
      return `must have ${field.from} to ${field.to}${field.names ? ` (or ${field.names[0]} to ${field.names.at(-1)})` : ''} and ${field.special} as ${field.name}, but has "${fields[i]}"`;
    }
  }
  return undefined;
}

function isCronPart(part: string, field: CronField): boolean {
  const allows = (character: string) => field.special.includes(character);
  if (part === '?') return allows('?');
  if (part === 'L' || part === 'LW') return allows('L') && (part === 'L' || allows('W'));
  const nearest = /^(\d+)W$/.exec(part);
  if (nearest) return allows('W') && numberOf(nearest[1]!, field) !== undefined;
  const last = /^(\w+)L$/.exec(part);
  if (last) return field.name === 'day-of-week' && numberOf(last[1]!, field) !== undefined;
  const nth = /^(\w+)#([1-5])$/.exec(part);
  if (nth) return allows('#') && numberOf(nth[1]!, field) !== undefined;

  const [range = '', step, ...more] = part.split('/');
  if (more.length || (step !== undefined && (!allows('/') || !/^[1-9]\d*$/.test(step)))) return false;
  if (range === '*') return true;
  const [from, to, ...rest] = range.split('-').map((value) => numberOf(value, field));
  if (rest.length || from === undefined) return false;
  return range.includes('-') ? to !== undefined && from <= to : true;
}

/** The number that a value stands for, when it is within the field's range. */
function numberOf(value: string, field: CronField): number | undefined {
  const named = field.names?.indexOf(value.toUpperCase()) ?? -1;
  if (named >= 0) return named + field.from;
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  return number >= field.from && number <= field.to ? number : undefined;
}

function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return false;
  const time = new Date(`${text}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
