import { badVersion, hazardsOf, knownMinors, MINORS } from '../../../../lambdas/domain/hazards/hazards';
import { minorHazards } from '../../../../lambdas/domain/hazards/minor-hazards';
import { hazardsOnTheWay } from '../../../../lambdas/domain/hazards/on-the-way';
import { compareVersions, isOlder, minorOf } from '../../../../lambdas/domain/versions/version';

test('minors follow each other without a gap, and each was read from a release of its own', () => {
  expect(knownMinors()).toBe('1.34 to 1.37');
  MINORS.forEach(({ minor, read }, index) => {
    expect(minor).toBe(`1.${34 + index}`);
    expect(`1.${minorOf(read)}`).toBe(minor);
  });
});

test('what kubeadm installs grows from minor to minor, and is never older than what has to come before', () => {
  for (const [index, { etcd, coreDns }] of MINORS.entries()) {
    if (etcd.before) {
      expect(isOlder(etcd.pin, etcd.before.version)).toBe(false);
      expect(isOlder(etcd.before.imageTag, etcd.before.version)).toBe(false);
      // It is raised within the minor that runs, so to no newer one.
      expect(isOlder(etcd.before.imageTag, etcd.pin)).toBe(true);
    }
    const earlier = MINORS[index - 1];
    if (!earlier) continue;
    expect(isOlder(etcd.pin, earlier.etcd.pin)).toBe(false);
    expect(isOlder(coreDns.pin, earlier.coreDns.pin)).toBe(false);
  }
});

test('kubeadm can start from the CoreDNS that it, or the one before, installed', () => {
  for (const [index, { coreDns }] of MINORS.entries()) {
    expect(coreDns.accepted).toContain(coreDns.pin);
    const earlier = MINORS[index - 1];
    if (earlier) expect(coreDns.accepted).toContain(earlier.coreDns.pin);
    expect([...coreDns.accepted].sort(compareVersions)).toEqual(coreDns.accepted);
  }
});

test('a feature gate, or a flag, is gone once', () => {
  const gates = MINORS.flatMap(({ removedGates }) => removedGates.names);
  expect(new Set(gates).size).toBe(gates.length);
  expect(gates).toContain('SidecarContainers');
  expect(hazardsOf(35)?.removedGates.names).toContain('UserNamespacesPodSecurityStandards');
});

test.each([
  ['1.35.0', '1.35.1'],
  ['1.34.1', '1.34.2'],
])('%s is known to be bad, %s is not', (bad, good) => {
  expect(badVersion(bad)).toMatchObject({ instead: good });
  expect(badVersion(good)).toBeUndefined();
});

test('what has to come before', () => {
  expect(hazardsOf(34)?.etcd.before?.version).toBe('3.5.26');
  expect(hazardsOf(37)?.etcd.before?.version).toBe('3.6.11');
  expect(MINORS.filter(({ etcd }) => etcd.before).map(({ minor }) => minor)).toEqual(['1.34', '1.37']);
});

test('the minors that a cluster passes, each once', () => {
  expect(hazardsOnTheWay(['1.36.3', '1.36.6', '1.37.2', '1.99.0']).map(({ minor }) => minor)).toEqual(['1.36', '1.37']);
});

test('an entry without a source is refused', () => {
  const [first] = MINORS;
  const bare = { ...first, removedGates: { names: ['A'] } };
  expect(minorHazards.safeParse(first).success).toBe(true);
  expect(minorHazards.safeParse(bare).success).toBe(false);
});
