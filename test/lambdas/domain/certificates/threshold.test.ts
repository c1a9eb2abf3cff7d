import fc from '../../../helpers/property';
import { thresholdOf } from '../../../../lambdas/domain/certificates/threshold';

const HOUR = 3600;
const DAY = 24 * HOUR;
const BEGIN = Date.parse('2026-11-01T00:00:00Z');
const iso = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString().replace('.000', '');
const lasting = (seconds: number, name = 'apiserver') => ({ name, notBefore: iso(0), notAfter: iso(seconds) });

test.each<[what: string, certificate: Parameters<typeof thresholdOf>[0], days: number, hours: number, words: string]>([
  ['a year', lasting(365 * DAY), 30, 30 * 24, '30 days'],
  ['10 years', lasting(3650 * DAY), 30, 30 * 24, '30 days'],
  ['30 days (certificateValidityPeriod 720h)', lasting(30 * DAY), 30, 9 * 24, '9 days (30 % of its lifetime)'],
  ['exactly as much', lasting(100 * DAY), 30, 30 * 24, '30 days'],
  ['a day less', lasting(99 * DAY), 30, 29.7 * 24, '29 days (30 % of its lifetime)'],
  ['a threshold of more than a year', lasting(365 * DAY), 400, 109.5 * 24, '109 days (30 % of its lifetime)'],
  ['lower settings', lasting(30 * DAY), 5, 5 * 24, '5 days'],
  ['no threshold', lasting(30 * DAY), 0, 0, '0 minutes'],
  ['two days', lasting(2 * DAY), 30, 26, '26 hours (longer than a day, as a check sees it once a day)'],
  ['six hours', lasting(6 * HOUR), 30, 26, '26 hours (longer than a day, as a check sees it once a day)'],
  ['six hours, and lower settings', lasting(6 * HOUR), 1, 24, '24 hours'],
  ['a CA of a year', lasting(365 * DAY, 'ca'), 365, 109.5 * 24, '109 days (30 % of its lifetime)'],
  ['a CA of 10 years', lasting(3650 * DAY, 'ca'), 365, 365 * 24, '365 days'],
  ["a kubelet's of a year", lasting(365 * DAY, 'kubelet-client'), 30, 30 * 24, '30 days'],
  ["a kubelet's of a day", lasting(DAY, 'kubelet-client'), 30, 2.4, '2 hours (10 % of its lifetime)'],
  ["a kubelet's serving one", lasting(10 * DAY, 'kubelet-serving'), 30, 24, '24 hours (10 % of its lifetime)'],
  ['a beginning that nobody knows', { name: 'apiserver', notAfter: iso(DAY) }, 30, 30 * 24, '30 days'],
  ['dates that are none', { name: 'apiserver', notBefore: 'x', notAfter: iso(DAY) }, 30, 30 * 24, '30 days'],
  ['an end before its beginning', lasting(-DAY), 30, 30 * 24, '30 days'],
  ['the year 9999', { name: 'ca', notBefore: iso(0), notAfter: '9999-12-31T23:59:59Z' }, 365, 365 * 24, '365 days'],
])('%s', (_what, certificate, days, hours, words) => {
  expect(thresholdOf(certificate, days)).toEqual({
    seconds: expect.closeTo(hours * HOUR, 3),
    words: `its threshold of ${words}`,
  });
});

/** A check a day, and a renewal whenever the certificate is due: how often, and whether it ever runs out. */
function renewals(lifetime: number, days: number, until: number) {
  let [made, renewed, expired] = [0, 0, false];
  for (let now = 0; now < until; now += DAY) {
    const certificate = { name: 'apiserver', notBefore: iso(made), notAfter: iso(made + lifetime) };
    const left = made + lifetime - now;
    expired ||= left < 0;
    if (left < thresholdOf(certificate, days).seconds) [made, renewed] = [now, renewed + 1];
  }
  return { renewed, expired };
}

test('what is valid for 30 days is renewed every three weeks, not at each check of a threshold of 30 days', () => {
  expect(renewals(30 * DAY, 30, 365 * DAY)).toEqual({ renewed: 16, expired: false });
});

test('whatever the lifetime, a certificate is renewed once in its window, and in time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 28, max: 24 * 400 }), fc.integer({ min: 2, max: 3650 }), (hours, days) => {
      const { renewed, expired } = renewals(hours * HOUR, days, 400 * DAY);
      expect(expired).toBe(false);
      // Seven tenths of its lifetime at the least, or what a check a day leaves of it.
      const least = Math.max(Math.min(hours * 0.7, hours - 26), 24);
      expect(renewed).toBeLessThanOrEqual((400 * 24) / least + 1);
    }),
  );
});
