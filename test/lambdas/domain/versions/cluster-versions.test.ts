import type { CertificateInventory } from '../../../../lambdas/contracts/node-steps';
import { describeVersions, minorsOf, skewOf, versionsOf } from '../../../../lambdas/domain/versions/cluster-versions';

type Told = NonNullable<CertificateInventory['kubernetes']>;
const told = (...nodes: (Told | undefined)[]) =>
  versionsOf(nodes.map((kubernetes, index) => ({ name: `cp-${index + 1}`, value: { kubernetes } })));
const kubelets = (version: string, nodes: number, ...names: string[]) => ({ version, nodes, names });

test('nobody tells: nothing is known', () => {
  expect(told(undefined, undefined)).toBeUndefined();
});

test.each<[string, (Told | undefined)[], string, string[], object]>([
  [
    'one release',
    [{ apiServer: '1.36.3', kubelets: [kubelets('1.36.3', 2, 'cp-1', 'w-1')] }],
    'API server 1.36.3; kubelets 1.36.3 on 2 nodes',
    [],
    { apiServer: 36, kubeletsBehind: 0 },
  ],
  [
    'in the middle of an upgrade; one control plane is silent, one had no time to list the nodes',
    [
      undefined,
      { apiServer: '1.37.2', kubelets: [] },
      { apiServer: '1.36.3', kubelets: [kubelets('1.36.3', 4, 'w-1', 'w-2'), kubelets('1.35.4', 1, 'w-9')] },
    ],
    'API servers 1.36.3 and 1.37.2; kubelets 1.35.4 on 1 node, 1.36.3 on 4 nodes',
    [],
    { apiServer: 36, kubeletsBehind: 2 },
  ],
  [
    'kubelets that are too old',
    [{ apiServer: '1.37.2', kubelets: [kubelets('1.33.1', 5, 'w-1', 'w-2', 'w-3')] }],
    'API server 1.37.2; kubelets 1.33.1 on 5 nodes',
    ['the kubelet 1.33.1 of w-1, w-2 and w-3 and 2 more is more than three minors older than the API server 1.37.2'],
    { apiServer: 37, kubeletsBehind: 4 },
  ],
  [
    'a kubelet that is newer, and no version at all',
    [{ apiServer: '1.36.3', kubelets: [kubelets('1.37.0', 1, 'w-1'), kubelets('dirty', 1, 'w-2')] }],
    'API server 1.36.3; kubelets dirty on 1 node, 1.37.0 on 1 node',
    ['the kubelet 1.37.0 of w-1 is newer than the API server 1.36.3'],
    { apiServer: 36, kubeletsBehind: -1 },
  ],
  [
    'no node could be listed',
    [{ apiServer: '1.36.3', kubelets: [] }],
    'API server 1.36.3; the kubelets are not known',
    [],
    { apiServer: 36 },
  ],
])('%s', (_what, answers, text, skew, minors) => {
  const versions = told(...answers)!;
  expect([describeVersions(versions), skewOf(versions), minorsOf(versions)]).toEqual([text, skew, minors]);
});
