import fc from '../../helpers/property';
import { canonicalJson, digest } from '../../../lambdas/domain/digest';
import { notificationSubject, listNames, shorten } from '../../../lambdas/domain/text/plain-text';
import { mailText, MOST_MAIL_BYTES } from '../../../lambdas/domain/text/mail-text';
import { dateIn, dateUtc, duration, expiry } from '../../../lambdas/domain/text/time-left';

test.each<[number, string]>([
  [0, '0 minutes'],
  [119, '1 minute'],
  [3600, '1 hour'],
  [-7200, '2 hours'],
  [172_799, '47 hours'],
  [172_800, '2 days'],
  [365 * 86_400 - 1, '364 days'],
])('%i seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

test('the moment of its end counts as expired', () => {
  expect(expiry(0, '2026-11-23T03:00:00Z', 'UTC')).toBe('expired 0 minutes ago (2026-11-23 03:00 UTC)');
  expect(expiry(1, '2026-11-23T03:00:00Z', 'UTC')).toBe('runs out in 0 minutes (2026-11-23 03:00 UTC)');
});

test.each<[string, string, string]>([
  ['2026-11-23T03:00:00Z', 'Europe/Vienna', '2026-11-23 04:00 CET'],
  ['2026-07-23T22:30:00Z', 'Europe/Vienna', '2026-07-24 00:30 CEST'],
  ['2026-11-23T03:00:00Z', 'Asia/Tokyo', '2026-11-23 12:00 GMT+9'],
  ['2026-11-23T00:00:00Z', 'UTC', '2026-11-23 00:00 UTC'],
  ['next\nweek', 'Europe/Vienna', 'next week'],
])('%s in %s is %s', (iso, zone, text) => expect(dateIn(iso, zone)).toBe(text));

test('what a node gives as a date and is none is told as it is', () => {
  expect(dateUtc('2026-11-23T03:00:00Z')).toBe('2026-11-23 03:00 UTC');
  expect(dateUtc('next\nweek')).toBe('next week');
});

test.each<[string[], string]>([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('%j is told as "%s"', (names, text) => expect(listNames(names, 3)).toBe(text));

test('SNS takes every subject that we send', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const subject = notificationSubject(`demo: ${text}`);
      expect(subject).toMatch(/^[!-~][ -~]{0,99}$/);
    }),
  );
});

test('shortened text is one line within its limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, most) =>
      expect(shorten(text, most)).toMatch(new RegExp(`^[^\\n]{0,${most}}$`)),
    ),
  );
});

test('shortened text steers no terminal', () => {
  expect(shorten('cp-1\u001b[2J\u001b]0;title\u0007 \u202egpj.exe\u200b', 80)).toBe('cp-1[2J]0;title gpj.exe');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      expect(shorten(text, 50)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u),
    ),
  );
});

test('a mail stays within its bytes, keeps its end, and counts what is left out', () => {
  const text = mailText(Array(500).fill('é'.repeat(2_000)), ['', 'The end.']);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_MAIL_BYTES);
  expect(text).toMatch(/^é{999}…\n[^]*\n- and 485 more lines\n\nThe end\.$/);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { maxLength: 40 }), (lines) => {
      const mail = mailText(lines, ['end']);
      expect(Buffer.byteLength(mail)).toBeLessThanOrEqual(MOST_MAIL_BYTES);
      expect(mail).toMatch(/end$/);
      expect(mail.split('\n').length).toBeLessThanOrEqual(lines.length + 2);
    }),
  );
});

test('equal values have equal digests, whatever the order of their keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(digest(reversed)).toBe(digest(value));
    }),
  );
});
