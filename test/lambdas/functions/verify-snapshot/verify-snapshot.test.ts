import type { NodeResult } from '../../../../lambdas/contracts/run-on-nodes';
import { proveSnapshot, readClaims } from '../../../../lambdas/functions/verify-snapshot/verify-snapshot';
import { failed, instanceId, result } from '../../helpers/samples';

const SHA = ['a', 'b'].map((digit) => digit.repeat(64));
const ETCD = { hash: 1, revision: 4711, totalKeys: 765, version: '3.6.8' };
const prepared = {
  secret: '/kubeadm-autopilot/secrets/demo/upload-1',
  bucket: 'operations',
  objects: [1, 2].map((number) => ({ instanceId: instanceId(number), name: `cp-${number}`, key: `key-${number}` })),
};
const answers = [
  result(1, { node: 'cp-1', bytes: 100, sha256: SHA[0] }),
  result(2, { node: 'cp-2', bytes: 200, sha256: SHA[1], etcd: ETCD }),
];
const stored = new Map([
  ['key-1', { versionId: 'v1', bytes: 100, sha256: SHA[0]! }],
  ['key-2', { versionId: 'v2', bytes: 200, sha256: SHA[1]! }],
]);
const prove = (results: NodeResult[] = answers, found: typeof stored = stored) =>
  proveSnapshot('demo', 'operations', readClaims('demo', prepared, results), found);

test('what was saved, where, and from which etcd', () => {
  const snapshot = prove();
  expect(snapshot.objects).toEqual([
    { ...prepared.objects[0], versionId: 'v1', bytes: 100, sha256: SHA[0] },
    { ...prepared.objects[1], versionId: 'v2', bytes: 200, sha256: SHA[1], etcd: ETCD },
  ]);
  expect(snapshot.summary).toBe(
    'etcd of demo is saved at revision 4711 (765 keys, from cp-2) and restored from as a proof, with /etc/kubernetes of 2 nodes.',
  );
});

test.each<[string, NodeResult[], typeof stored, RegExp]>([
  [
    'a node failed',
    [answers[0]!, failed(2, 'NodeStepFailed', 'cp-2 failed.')],
    stored,
    /cp-2 has not saved what it should: /,
  ],
  ['a node gave no answer', [answers[1]!], stored, /cp-1 has not saved what it should: it gave no answer\./],
  [
    'no node saved etcd',
    [answers[0]!, result(2, { node: 'cp-2', bytes: 200, sha256: SHA[1] })],
    stored,
    /none of 2 nodes has saved etcd/,
  ],
  [
    'an answer in another form',
    [answers[0]!, result(2, { node: 'cp-2', bytes: '200' })],
    stored,
    /a form that this version does not know/,
  ],
  [
    'there is no object',
    answers,
    new Map([...stored].slice(0, 1)),
    /cp-2 says that it uploaded key-2 .* there is no such object/,
  ],
  [
    'the object is shorter',
    answers,
    new Map([...stored, ['key-2', { versionId: 'v', bytes: 199, sha256: SHA[1]! }]]),
    /key-2 in the bucket operations has 199 bytes .* uploaded 200 with bbbbbbbbbbbb\./,
  ],
  [
    'the object has other bytes',
    answers,
    new Map([...stored, ['key-1', { versionId: 'v', bytes: 100, sha256: SHA[1]! }]]),
    /key-1 .* the SHA-256 bbbbbbbbbbbb, cp-1 says that it uploaded 100 with aaaaaaaaaaaa\./,
  ],
])('not proven: %s', (_why, results, found, sentence) => {
  expect(() => prove(results, found)).toThrow(
    expect.objectContaining({ name: 'SnapshotNotProven', message: expect.stringMatching(sentence) }),
  );
});
