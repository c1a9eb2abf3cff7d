import { didYouMean, nearest } from '../../../../lambdas/domain/text/nearest';

test.each<[string, string[], string | undefined]>([
  ['dmeo', ['demo', 'prod'], 'demo'],
  ['PROD', ['demo', 'prod'], 'prod'],
  ['prd-eu', ['prod-eu', 'prod-us'], 'prod-eu'],
  ['cp1', ['cp-1', 'worker-1'], 'cp-1'],
  ['renwe', ['renew', 'remove'], 'renew'],
  ['staging', ['staging-eu', 'prod'], 'staging-eu'],
  ['eu-prod', ['prod', 'demo'], 'prod'],
  // Two are as near: naming one of them would be a guess.
  ['prod', ['prod-eu', 'prod-us'], undefined],
  ['x', ['demo', 'prod'], undefined],
  ['staging', ['demo', 'prod'], undefined],
  ['demo', [], undefined],
])('%s among %j: %s', (typed, known, expected) => {
  expect(nearest(typed, known)).toBe(expected);
  expect(didYouMean(typed, known)).toBe(expected === undefined ? '' : ` Did you mean ${expected}?`);
});
