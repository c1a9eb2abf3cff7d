import { validitySeconds, withUnreadableValidity } from '../../../../lambdas/domain/certificates/validity';

test.each([
  [undefined, 31_536_000],
  ['', 31_536_000],
  ['8760h0m0s', 31_536_000],
  ['"87600h"', 315_360_000],
  ['720h0m0s', 2_592_000],
  ['1h30m10.5s', 5410],
  ['8h1m', 28_860],
  ['soon', undefined],
  ['0s', undefined],
  ['1.5h', undefined],
  ['-1h', undefined],
  ['30', undefined],
  ['null', undefined],
  [`${'9'.repeat(400)}h`, undefined],
])('a certificateValidityPeriod of %j is %j seconds', (period, seconds) => {
  expect(validitySeconds(period)).toBe(seconds);
});

test('whose cannot be read, and what it says', () => {
  const nodes = ['soon', '720h', 'soon'].map((certificateValidity, index) => ({
    name: `cp-${index + 1}`,
    inventory: { certificateValidity },
  }));
  expect(withUnreadableValidity(nodes.slice(1, 2))).toBeUndefined();
  expect(withUnreadableValidity([{ name: 'cp-1' }])).toBeUndefined();
  expect(withUnreadableValidity(nodes)).toBe(
    'certificateValidityPeriod of the ClusterConfiguration on cp-1 and cp-3 is "soon", which is no duration such as 8760h0m0s',
  );
});
