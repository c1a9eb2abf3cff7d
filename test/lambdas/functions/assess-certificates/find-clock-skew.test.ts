import { findClockSkew } from '../../../../lambdas/functions/assess-certificates/find-clock-skew';
import { NOW } from '../../helpers/samples';

/** Minutes that each node's clock is ahead of ours when it answered. */
const found = (...minutes: number[]) =>
  findClockSkew(
    minutes.map((ahead, index) => ({
      name: `cp-${index + 1}`,
      checkedAt: new Date(NOW.getTime() + ahead * 60_000).toISOString(),
    })),
    NOW,
  ).map((sentence) => sentence.slice(0, sentence.indexOf(':')));

test.each<[string, number[], string[]]>([
  ['all agree', [0, -1, 1], []],
  ['five minutes are tolerated', [5, 0], []],
  ['one is ahead', [6, 0], ['The clock of cp-1 is 6 minutes ahead']],
  ['one is behind', [0, -6], ['The clock of cp-2 is 6 minutes behind']],
  ['one alone is behind', [-6], ['The clock of cp-1 is 6 minutes behind']],
  ['all answered ten minutes ago, because the command took that long', [-10, -10, -9], []],
  ['and one of those is behind', [-10, -17, -9], ['The clock of cp-2 is 8 minutes behind']],
  ['by days', [3000, 0], ['The clock of cp-1 is 2 days ahead']],
  ['nobody answered', [], []],
])('%s', (_name, minutes, expected) => expect(found(...minutes)).toEqual(expected));

test('a time that is no time is left to others', () =>
  expect(findClockSkew([{ name: 'cp-1', checkedAt: 'today' }], NOW)).toEqual([]));
