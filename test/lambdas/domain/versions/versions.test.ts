import { findPath } from '../../../../lambdas/domain/versions/path';
import { cloudControllerManagerLags, findSkew, newerThan } from '../../../../lambdas/domain/versions/skew';
import { compareVersions, minorOf, newest, oldest, parseVersion } from '../../../../lambdas/domain/versions/version';

test.each([
  ['v1.36.3', '1.36.3'],
  ['1.36.3-1.1', '1.36.3-1.1'],
  ['3.6.8-0', '3.6.8-0'],
  ['v1.32.4-dispatcher', '1.32.4-dispatcher'],
  ['1.36', undefined],
  ['1.36.3.4', undefined],
  ['latest', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is read as %s', (text, read) => expect(parseVersion(text)?.text).toBe(read));

test.each([
  ['1.36.3', '1.36.3', 0],
  ['1.36.10', '1.36.9', 1],
  ['1.9.9', '1.10.0', -1],
  ['3.6.8-0', '3.6.8', 0],
  ['v2.0.0', '1.99.99', 1],
  [undefined, '1.0.0', -1],
  ['what', undefined, 0],
])('%s against %s', (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));

test('the oldest and the newest of several', () => {
  expect([oldest(['1.36.10', undefined, '1.36.9']), newest(['1.36.9', '1.36.10', 'x'])]).toEqual(['1.36.9', '1.36.10']);
  expect([oldest([]), minorOf('v1.36.3'), minorOf('x')]).toEqual([undefined, 36, undefined]);
});

describe('the way to a target', () => {
  const offered = (minor: number) => (minor === 35 ? [] : [`1.${minor}.2`, `1.${minor}.10`, `1.${minor}.9`]);
  const way = (apiServers: string[], target: string, kubelets = apiServers) => {
    const path = findPath({ apiServers, kubelets, target, offered });
    return 'hops' in path ? path.hops.join(' ') : `no 1.${path.minor}`;
  };
  test.each<[string, string[], string, string]>([
    ['a patch', ['1.36.3'], '1.36.6', '1.36.6'],
    ['the same version', ['1.36.3'], '1.36.3', '1.36.3'],
    ['one minor', ['1.36.3'], '1.37.2', '1.37.2'],
    ['two minors, the newest release of the one between', ['1.36.3'], '1.38.0', '1.37.10 1.38.0'],
    ['three', ['1.36.3'], '1.39.1', '1.37.10 1.38.10 1.39.1'],
    ['a minor that nobody offers', ['1.34.4'], '1.36.3', 'no 1.35'],
    ['cut off in its only hop', ['1.36.3', '1.37.2'], '1.37.2', '1.37.2'],
    ['cut off, and now to a newer patch', ['1.36.3', '1.37.1'], '1.37.2', '1.37.2'],
    ['cut off in the first hop of a chain: goes on with its version', ['1.36.3', '1.37.1'], '1.38.0', '1.37.1 1.38.0'],
    ['cut off between hops', ['1.37.1', '1.37.1'], '1.38.0', '1.38.0'],
    ['nothing known', [], '1.38.0', ''],
  ])('%s', (_what, from, target, hops) => expect(way(from, target)).toBe(hops));

  test('kubelets that would be more than three minors behind come to the present version first', () => {
    expect(way(['1.37.1'], '1.38.0', ['1.37.1', '1.35.0'])).toBe('1.38.0');
    expect(way(['1.37.1'], '1.38.0', ['1.37.1', '1.34.0'])).toBe('1.37.1 1.38.0');
  });
});

describe('skew', () => {
  const running = {
    apiServers: ['1.36.3', '1.37.2'],
    controllerManagers: ['1.36.3'],
    schedulers: ['1.37.2'],
    kubelets: [{ node: 'w', version: '1.34.0' }],
    kubeProxy: '1.36.3',
    cloudControllerManager: '1.36.0',
  };
  test('what goes together', () => expect(findSkew(running)).toEqual([]));
  test.each<[string, Partial<typeof running>, RegExp]>([
    ['API servers two minors apart', { apiServers: ['1.35.0', '1.37.2'] }, /API servers of 1\.35\.0 and 1\.37\.2/],
    ['a scheduler that is newer', { schedulers: ['1.38.0'] }, /kube-scheduler 1\.38\.0 is newer/],
    [
      'a controller manager two minors older',
      { controllerManagers: ['1.35.0'] },
      /kube-controller-manager 1\.35\.0 is more/,
    ],
    ['a kubelet that is newer', { kubelets: [{ node: 'w', version: '1.38.0' }] }, /kubelet 1\.38\.0 of w is newer/],
    [
      'a kubelet four minors older',
      { kubelets: [{ node: 'w', version: '1.33.9' }] },
      /1\.33\.9 of w is more than three/,
    ],
    ['kube-proxy four minors older', { kubeProxy: '1.33.9' }, /kube-proxy 1\.33\.9/],
    [
      'a cloud controller manager that is newer',
      { cloudControllerManager: '1.38.0' },
      /cloud-controller-manager 1\.38\.0 is newer/,
    ],
    ['no API server', { apiServers: [] }, /no API server/],
  ])('%s', (_what, change, sentence) =>
    expect(findSkew({ ...running, ...change })).toEqual([expect.stringMatching(sentence)]),
  );

  test('a cloud controller manager may be one minor older, not two', () => {
    expect(cloudControllerManagerLags('1.36.0', '1.37.2')).toBe(false);
    expect(cloudControllerManagerLags('1.35.9', '1.37.2')).toBe(true);
    expect(cloudControllerManagerLags(undefined, '1.37.2')).toBe(false);
  });

  test('what is newer than a target, by a patch too', () => {
    const found = ['1.37.1', '1.37.2', '1.37.3', undefined].map((version) => ({ name: 'x', version }));
    expect(newerThan('1.37.2', found)).toEqual([{ name: 'x', version: '1.37.3' }]);
  });
});
