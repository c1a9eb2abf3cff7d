import type { MaintenanceWindow } from '../../../lambdas/contracts/maintenance-settings';
import { windowsAt } from '../../../lambdas/domain/maintenance-window';
import { inMaintenanceWindow } from '../../../lambdas/gates/window-gate';

const SATURDAYS: MaintenanceWindow = { cron: '0 22 * * SAT', hours: 4, timeZone: 'Europe/Berlin' };
const MONDAYS: MaintenanceWindow = { cron: '30 1 * * MON', hours: 1, timeZone: 'UTC' };

test.each<[string, MaintenanceWindow[], string, object]>([
  ['none at all', [], '2026-11-30T12:00:00Z', { isOpen: true }],
  // Berlin is an hour ahead of UTC in winter, two in summer.
  ['before', [SATURDAYS], '2026-11-28T20:59:59Z', { isOpen: false, opensAt: '2026-11-28T21:00:00.000Z' }],
  ['as it opens', [SATURDAYS], '2026-11-28T21:00:00Z', { isOpen: true, closesAt: '2026-11-29T01:00:00.000Z' }],
  ['in it', [SATURDAYS], '2026-11-28T23:30:00Z', { isOpen: true, closesAt: '2026-11-29T01:00:00.000Z' }],
  ['as it closes', [SATURDAYS], '2026-11-29T01:00:00Z', { isOpen: false, opensAt: '2026-12-05T21:00:00.000Z' }],
  ['in summer', [SATURDAYS], '2026-07-04T20:30:00Z', { isOpen: true, closesAt: '2026-07-05T00:00:00.000Z' }],
  [
    'the next of two',
    [SATURDAYS, MONDAYS],
    '2026-11-29T12:00:00Z',
    { isOpen: false, opensAt: '2026-11-30T01:30:00.000Z' },
  ],
  [
    'the one that closes last, of two that are open',
    [MONDAYS, { cron: '0 0 * * *', hours: 6, timeZone: 'UTC' }],
    '2026-11-30T02:00:00Z',
    { isOpen: true, closesAt: '2026-11-30T06:00:00.000Z' },
  ],
  [
    'one that is longer than its pause never closes',
    [{ cron: '0 0 * * *', hours: 30, timeZone: 'UTC' }],
    '2026-11-30T02:00:00Z',
    { isOpen: true, closesAt: '2026-12-01T06:00:00.000Z' },
  ],
])('%s', (_case, windows, now, expected) => {
  expect(JSON.parse(JSON.stringify(windowsAt(windows, new Date(now))))).toEqual(expected);
});

const ask = (now: string, waits = false, windows = [SATURDAYS], timeZone = 'UTC') =>
  inMaintenanceWindow({ windows, now: new Date(now), timeZone, waits, longestNodeSeconds: 600 });

test('its times are those of the cluster', () => {
  expect(ask('2026-11-28T12:00:00Z', false, [SATURDAYS], 'Europe/Vienna').gate).toMatchObject({
    reason: expect.stringContaining('2026-11-28 13:00 CET'),
    whatToDo: expect.stringContaining('2026-11-28 22:00 CET'),
  });
});

test('outside it is refused with the time at which it may start, or waits for that', () => {
  expect(ask('2026-11-28T12:00:00Z')).toEqual({
    gate: {
      ...{ name: 'maintenance-window', passed: false },
      reason: "It is 2026-11-28 12:00 UTC, outside the cluster's maintenance windows.",
      whatToDo:
        'Start it at 2026-11-28 21:00 UTC, or now with the option waitForWindow: then it waits until that time.',
    },
  });
  expect(ask('2026-11-28T12:00:00Z', true)).toMatchObject({
    gate: { passed: true, warning: true, reason: expect.stringMatching(/: it waits until 2026-11-28 21:00 UTC\.$/) },
    opensAt: '2026-11-28T21:00:00.000Z',
  });
});

test('in it no node begins that would not be done when it closes', () => {
  expect(ask('2026-11-28T22:00:00Z')).toMatchObject({
    gate: {
      passed: true,
      reason: expect.stringContaining('open until 2026-11-29 01:00 UTC; from 2026-11-29 00:50 UTC on'),
    },
    stopAt: '2026-11-29T00:50:00.000Z',
  });
  expect(ask('2026-11-29T00:55:00Z')).toMatchObject({
    gate: {
      passed: false,
      reason: 'The maintenance window closes at 2026-11-29 01:00 UTC, and a node takes 10 minutes.',
      whatToDo: expect.stringContaining('2026-12-05 21:00 UTC'),
    },
  });
  expect(ask('2026-11-29T00:55:00Z', true).opensAt).toBe('2026-12-05T21:00:00.000Z');
});

test('a window that never opens again', () => {
  expect(ask('2026-11-28T12:00:00Z', true, [{ cron: '0 0 31 2 *', hours: 1, timeZone: 'UTC' }]).gate).toMatchObject({
    ...{ passed: false, whatToDo: expect.stringContaining('Correct maintenance.windows') },
  });
});
