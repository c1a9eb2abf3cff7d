import { AwsError } from '../../aws/aws-call';
import { CronExpression } from './cron';
import { fromWallTime, isTimeZone } from './local-time';

/** Gives the first time after `time`, or none. `start` is when a rate begins to count. */
export type NextTime = (time: Date, start: Date) => Date | undefined;

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `cron(...)`, `rate(...)` or `at(...)`.
 * @throws AwsError ValidationException with what is wrong about it.
 */
export function scheduleExpression(expression: string, timeZone: string): NextTime {
  if (!isTimeZone(timeZone)) throw invalid(`there is no time zone ${timeZone}`);
  const [, kind, text] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return cron(text!, timeZone);
  if (kind === 'rate') return rate(text!);
  if (kind === 'at') return at(text!, timeZone);
  throw invalid(`${expression} is not cron(...), rate(...) or at(...)`);
}

const invalid = (problem: string) => new AwsError('ValidationException', `Invalid Schedule Expression: ${problem}.`);

function cron(text: string, timeZone: string): NextTime {
  try {
    const expression = new CronExpression(text, timeZone);
    return (time) => expression.next(time);
  } catch (error) {
    throw invalid(`cron(${text}): ${(error as Error).message.replace(/\.$/, '')}`);
  }
}

/** The first time is the start itself: a rate without StartDate fires as soon as it is created. */
function rate(text: string): NextTime {
  const [, value, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(text) ?? [];
  if (!value) throw invalid(`rate(${text}): expected a positive number and minutes, hours or days`);
  const period = Number(value) * UNIT_MS[unit!]!;
  return (time, start) => {
    if (time < start) return start;
    const passed = Math.floor((time.getTime() - start.getTime()) / period);
    return new Date(start.getTime() + (passed + 1) * period);
  };
}

function at(text: string, timeZone: string): NextTime {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) ? new Date(`${text}Z`) : undefined;
  if (!wall || Number.isNaN(wall.getTime())) throw invalid(`at(${text}): expected yyyy-mm-ddThh:mm:ss`);
  const once = fromWallTime(wall, timeZone);
  return (time) => (once && once > time ? once : undefined);
}
