import { firesDaily, mistakeInSchedule } from '../../../lib/clusters/schedule-expression';

test.each([
  'cron(0 3 * * ? *)',
  'cron(*/15 0-6,20 ? JAN-MAR,12 MON-FRI *)',
  'cron(0 10 L * ? *)',
  'cron(0 10 15W * ? 2026-2030)',
  'cron(0 10 LW * ? *)',
  'cron(0 10 ? * 6#3 *)',
  'cron(0 10 ? * FRI#1 *)',
  'cron(0 10 ? * 6L *)',
  'cron(0/5 8-17 ? * MON-FRI *)',
  'rate(1 day)',
  'rate(12 hours)',
  'at(2027-01-31T03:00:00)',
])('%s is a schedule', (expression) => {
  expect(mistakeInSchedule(expression)).toBeUndefined();
});

test.each([
  ['cron(0 3 * * *)', 'must have six fields (minutes, hours, day-of-month, month, day-of-week, year), but has 5'],
  ['cron()', 'but has 0'],
  ['cron(0 3 * * * *)', 'must have ? either as day-of-month or as day-of-week'],
  ['cron(0 3 ? * ? *)', 'must have ? either as day-of-month or as day-of-week'],
  ['cron(60 3 * * ? *)', 'must have 0 to 59 and , - * / as minutes, but has "60"'],
  ['cron(0 24 * * ? *)', 'as hours, but has "24"'],
  ['cron(0 3 0 * ? *)', 'must have 1 to 31'],
  ['cron(0 3 * 13 ? *)', '(or JAN to DEC)'],
  ['cron(0 3 ? * 0 *)', 'must have 1 to 7 (or SUN to SAT)'],
  ['cron(0 3 ? * MON-FOO *)', 'as day-of-week, but has "MON-FOO"'],
  ['cron(0 3 ? * FRI-MON *)', 'as day-of-week'],
  ['cron(0 3 ? * 6#6 *)', 'as day-of-week'],
  ['cron(0 3 * * ? 1969)', 'must have 1970 to 2199'],
  ['cron(? 3 * * ? *)', 'as minutes'],
  ['cron(*/0 3 * * ? *)', 'as minutes'],
  ['cron(1,,2 3 * * ? *)', 'as minutes'],
  ['cron(0 L * * ? *)', 'as hours'],
  ['rate(0 days)', 'must be rate(number unit)'],
  ['rate(5 weeks)', 'must be rate(number unit)'],
  ['at(tomorrow)', 'must be at(yyyy-mm-ddThh:mm:ss)'],
  ['at(2027-02-30T03:00:00)', 'must be at(yyyy-mm-ddThh:mm:ss)'],
  ['daily', 'must be cron(...), rate(...) or at(...)'],
])('%s is none: %s', (expression, mistake) => {
  expect(mistakeInSchedule(expression)).toContain(mistake);
});

test.each([
  ['cron(0 3 * * ? *)', true],
  ['cron(0 3 ? * * *)', true],
  ['cron(0 3 ? * MON *)', false],
  ['cron(0 3 1 * ? *)', false],
  ['cron(0 3 * * ? 2027)', false],
  ['rate(24 hours)', true],
  ['rate(25 hours)', false],
  ['rate(1 day)', true],
  ['rate(2 days)', false],
  ['rate(30 minutes)', true],
  ['at(2027-01-31T03:00:00)', false],
])('%s fires every day: %s', (expression, daily) => {
  expect(firesDaily(expression)).toBe(daily);
});
