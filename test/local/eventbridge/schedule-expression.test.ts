import { scheduleExpression } from '../../../local/eventbridge/scheduler/schedule-expression';

const START = new Date('2026-01-01T00:00:00Z');

/** The next times after `from`, without milliseconds. */
function next(expression: string, from: string, count: number, timeZone = 'UTC'): string[] {
  const nextTime = scheduleExpression(expression, timeZone);
  const times: string[] = [];
  let time: Date | undefined = new Date(from);
  while (times.length < count && (time = nextTime(time, START))) times.push(time.toISOString().replace('.000', ''));
  return times;
}

// 2026 begins on a Thursday. All times were worked out by hand on a calendar.
test.each<[string, string, string[]]>([
  ['cron(0 3 * * ? *)', '2026-01-01T02:59:59Z', ['2026-01-01T03:00:00Z', '2026-01-02T03:00:00Z']],
  ['cron(0 3 * * ? *)', '2026-01-01T03:00:00Z', ['2026-01-02T03:00:00Z']],
  [
    'cron(0/20 * * * ? *)',
    '2026-01-01T00:01:00Z',
    ['2026-01-01T00:20:00Z', '2026-01-01T00:40:00Z', '2026-01-01T01:00:00Z'],
  ],
  [
    'cron(5/25 10 * * ? *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-01T10:05:00Z', '2026-01-01T10:30:00Z', '2026-01-01T10:55:00Z', '2026-01-02T10:05:00Z'],
  ],
  [
    'cron(*/30 22-23 * * ? *)',
    '2026-01-01T22:00:00Z',
    ['2026-01-01T22:30:00Z', '2026-01-01T23:00:00Z', '2026-01-01T23:30:00Z', '2026-01-02T22:00:00Z'],
  ],
  ['cron(0,45 8,20 * * ? *)', '2026-01-01T08:00:00Z', ['2026-01-01T08:45:00Z', '2026-01-01T20:00:00Z']],
  // 1 is Sunday and 7 is Saturday; 2-6 are Monday to Friday.
  ['cron(0 10 ? * 1 *)', '2026-01-01T00:00:00Z', ['2026-01-04T10:00:00Z', '2026-01-11T10:00:00Z']],
  ['cron(0 10 ? * 7 *)', '2026-01-01T00:00:00Z', ['2026-01-03T10:00:00Z']],
  ['cron(0 10 ? * 2-6 *)', '2026-01-01T10:00:00Z', ['2026-01-02T10:00:00Z', '2026-01-05T10:00:00Z']],
  ['cron(0 10 ? * MON-FRI *)', '2026-01-01T10:00:00Z', ['2026-01-02T10:00:00Z', '2026-01-05T10:00:00Z']],
  ['cron(0 10 ? * SUN,WED *)', '2026-01-01T00:00:00Z', ['2026-01-04T10:00:00Z', '2026-01-07T10:00:00Z']],
  [
    'cron(0 10 ? * 2/2 *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-02T10:00:00Z', '2026-01-05T10:00:00Z', '2026-01-07T10:00:00Z'],
  ],
  // The last Friday, the first Monday, the fifth Thursday of a month (January and April, not February or March).
  [
    'cron(0 10 ? * 6L *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-30T10:00:00Z', '2026-02-27T10:00:00Z', '2026-03-27T10:00:00Z'],
  ],
  ['cron(0 10 ? * FRIL *)', '2026-01-01T00:00:00Z', ['2026-01-30T10:00:00Z']],
  [
    'cron(0 10 ? * 2#1 *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-05T10:00:00Z', '2026-02-02T10:00:00Z', '2026-03-02T10:00:00Z'],
  ],
  ['cron(0 10 ? * 5#5 *)', '2026-01-01T00:00:00Z', ['2026-01-29T10:00:00Z', '2026-04-30T10:00:00Z']],
  // The last day; the weekday nearest to the 15th (15 Feb and 15 Mar are Sundays), to the 1st (1 Feb is a Sunday: the 2nd), the last weekday.
  [
    'cron(0 10 L * ? *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-31T10:00:00Z', '2026-02-28T10:00:00Z', '2026-03-31T10:00:00Z'],
  ],
  [
    'cron(0 10 15W * ? *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-15T10:00:00Z', '2026-02-16T10:00:00Z', '2026-03-16T10:00:00Z'],
  ],
  ['cron(0 10 1W * ? *)', '2026-01-02T00:00:00Z', ['2026-02-02T10:00:00Z']],
  // 1 August 2026 is a Saturday: not back into July, but Monday the 3rd.
  ['cron(0 10 1W 8 ? 2026)', '2026-01-01T00:00:00Z', ['2026-08-03T10:00:00Z']],
  [
    'cron(0 10 LW * ? *)',
    '2026-01-01T00:00:00Z',
    ['2026-01-30T10:00:00Z', '2026-02-27T10:00:00Z', '2026-03-31T10:00:00Z'],
  ],
  // Months and years.
  ['cron(0 0 1 JAN,JUL ? *)', '2026-01-01T00:00:00Z', ['2026-07-01T00:00:00Z', '2027-01-01T00:00:00Z']],
  ['cron(0 0 1 1/6 ? *)', '2026-01-01T00:00:00Z', ['2026-07-01T00:00:00Z', '2027-01-01T00:00:00Z']],
  ['cron(0 10 29 FEB ? *)', '2026-01-01T00:00:00Z', ['2028-02-29T10:00:00Z', '2032-02-29T10:00:00Z']],
  ['cron(0 10 1 1 ? 2027-2028)', '2026-01-01T00:00:00Z', ['2027-01-01T10:00:00Z', '2028-01-01T10:00:00Z']],
  ['cron(0 10 1 1 ? 2026/2)', '2026-01-01T11:00:00Z', ['2028-01-01T10:00:00Z', '2030-01-01T10:00:00Z']],
])('%s after %s', (expression, from, expected) => {
  expect(next(expression, from, expected.length)).toEqual(expected);
});

test('a cron that has no further time has none', () => {
  expect(next('cron(0 10 1 1 ? 2025)', '2026-01-01T00:00:00Z', 1)).toEqual([]);
  expect(next('cron(0 10 30 2 ? *)', '2026-01-01T00:00:00Z', 1)).toEqual([]);
});

// Berlin: +1 until 29 March 2026 02:00, which becomes 03:00; +2 until 25 October 2026 03:00, which becomes 02:00 again.
describe('summer time in Europe/Berlin', () => {
  const berlin = (expression: string, from: string, count: number) => next(expression, from, count, 'Europe/Berlin');

  test('03:00 is another time in UTC after each change', () => {
    expect(berlin('cron(0 3 * * ? *)', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T02:00:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T01:00:00Z',
    ]);
    expect(berlin('cron(0 3 * * ? *)', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T02:00:00Z',
      '2026-10-26T02:00:00Z',
    ]);
  });

  test('what is skipped in spring does not fire that day', () => {
    expect(berlin('cron(30 2 * * ? *)', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]);
    expect(berlin('cron(0/30 * * * ? *)', '2026-03-29T00:15:00Z', 3)).toEqual([
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:30:00Z',
    ]);
  });

  test('what comes twice in autumn fires once, the first time', () => {
    expect(berlin('cron(30 2 * * ? *)', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(berlin('cron(0/30 2-3 * * ? *)', '2026-10-24T23:45:00Z', 4)).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:00:00Z',
      '2026-10-25T02:30:00Z',
    ]);
    // Asked within the second 02:xx hour.
    expect(berlin('cron(0/30 2-3 * * ? *)', '2026-10-25T01:10:00Z', 1)).toEqual(['2026-10-25T02:00:00Z']);
  });

  test('at(...)', () => {
    expect(berlin('at(2026-07-01T12:00:00)', '2026-01-01T00:00:00Z', 2)).toEqual(['2026-07-01T10:00:00Z']);
    expect(berlin('at(2026-03-29T02:30:00)', '2026-01-01T00:00:00Z', 1)).toEqual([]);
    expect(berlin('at(2026-10-25T02:30:00)', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-10-25T00:30:00Z']);
  });
});

test('time zones beyond whole hours, and beyond the date line', () => {
  expect(next('cron(0 3 * * ? *)', '2026-01-01T00:00:00Z', 1, 'Asia/Kolkata')).toEqual(['2026-01-01T21:30:00Z']);
  expect(next('cron(0 3 1 1 ? 2027)', '2026-01-01T00:00:00Z', 1, 'Pacific/Kiritimati')).toEqual([
    '2026-12-31T13:00:00Z',
  ]);
});

test('rate(...) begins at the start and keeps its distance', () => {
  expect(next('rate(1 day)', '2025-12-31T00:00:00Z', 3)).toEqual([
    '2026-01-01T00:00:00Z',
    '2026-01-02T00:00:00Z',
    '2026-01-03T00:00:00Z',
  ]);
  expect(next('rate(90 minutes)', '2026-01-01T01:00:00Z', 2)).toEqual(['2026-01-01T01:30:00Z', '2026-01-01T03:00:00Z']);
  expect(next('rate(12 hours)', '2026-01-01T12:00:00Z', 1)).toEqual(['2026-01-02T00:00:00Z']);
});

test.each([
  ['cron(0 3 * * *)', /5 fields/],
  ['cron(0 3 * * * *)', /just one of day-of-month and day-of-week has to be \?/],
  ['cron(0 3 ? * ? *)', /just one of/],
  ['cron(60 3 * * ? *)', /cron\(60 3/],
  ['cron(0 24 * * ? *)', /24/],
  ['cron(0 3 32 * ? *)', /32/],
  ['cron(0 3 ? * 0 *)', /day-of-week 0/],
  ['cron(0 3 ? * 8 *)', /8/],
  ['cron(0 3 ? * MOON *)', /MOON/],
  ['cron(0 3 L * ? 1900)', /year 1900/],
  ['cron(0 3 * 13 ? *)', /13/],
  ['cron(0 3 L-3 * ? *)', /L/],
  ['cron(0 ? * * ? *)', /hours \?/],
  ['cron(W 3 * * ? *)', /minute/],
  ['rate(0 minutes)', /positive number/],
  ['rate(5 seconds)', /minutes, hours or days/],
  ['rate(5)', /rate\(5\)/],
  ['at(2026-07-01)', /yyyy-mm-ddThh:mm:ss/],
  ['at(2026-13-01T00:00:00)', /yyyy-mm-ddThh:mm:ss/],
  ['every day', /not cron/],
])('%s is refused', (expression, message) => {
  expect(() => scheduleExpression(expression, 'UTC')).toThrow(message);
  expect(() => scheduleExpression(expression, 'UTC')).toThrow(expect.objectContaining({ code: 'ValidationException' }));
});

test('a time zone that there is not is refused', () => {
  expect(() => scheduleExpression('rate(1 day)', 'Europe/Atlantis')).toThrow(/no time zone Europe\/Atlantis/);
});
