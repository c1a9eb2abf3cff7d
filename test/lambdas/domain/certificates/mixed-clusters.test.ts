import { findMixedClusters } from '../../../../lambdas/domain/certificates/mixed-clusters';

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);
const C = 'cc'.repeat(32);

function strangers(...keys: (string[] | undefined)[]): string[] | undefined {
  const nodes = keys.map((caPublicKeys, index) => ({ name: `n${index + 1}`, caPublicKeys }));
  return findMixedClusters('demo', nodes)?.strangers.map(({ name }) => name);
}

test.each([
  ['one key, also of a CA that was made again with it', [[A], [A], [A]], undefined],
  ['no node', [], undefined],
  ['a node that tells none', [[A], undefined, [], [A]], undefined],
  ['old and new while a CA is rotated', [[A, B], [B, A], [A]], undefined],
  ['old and new on different nodes, and a node that has both', [[A], [B], [A, B]], undefined],
  ['the same, the one with both first', [[A, B], [A], [B]], undefined],
  ['two clusters', [[A], [A], [B]], ['n3']],
  ['old and new, and nobody with both', [[A], [B]], ['n2']],
  ['three clusters, the smallest last', [[C], [A], [A, C], [B], [B], ['dd'.repeat(32)]], ['n4', 'n5', 'n6']],
])('%s', (_case, keys, expected) => {
  expect(strangers(...(keys as (string[] | undefined)[]))).toEqual(expected);
});

test('the sentence names the clusters by their first key', () => {
  expect(
    findMixedClusters('demo', [
      { name: 'cp-2', caPublicKeys: [B, C] },
      { name: 'cp-3', caPublicKeys: [A] },
      { name: 'cp-1', caPublicKeys: [A] },
    ])?.sentence,
  ).toBe(
    'The tag kubeadm-autopilot:cluster=demo is on nodes of 2 clusters, which do not share a CA: cp-1 and cp-3 (CA key aaaaaaaaaaaa...) / cp-2 (CA key bbbbbbbbbbbb...); expected one cluster: correct the tag of those that do not belong to demo.',
  );
});
