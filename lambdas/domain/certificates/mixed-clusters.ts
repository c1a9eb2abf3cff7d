import { CLUSTER_TAG } from '../../contracts/cluster-config';
import { listNames } from '../text/plain-text';

/** Nodes of one cluster share its CA. A sentence when these do not; undefined when they do. */
export function findMixedClusters(
  cluster: string,
  nodes: { name: string; caFingerprint: string | undefined }[],
): string | undefined {
  const byCa = new Map<string, string[]>();
  for (const { name, caFingerprint } of nodes) {
    if (!caFingerprint) continue;
    // openssl prints colons, other tools do not.
    const ca = caFingerprint.replace(/[^0-9a-f]/gi, '').toUpperCase();
    byCa.set(ca, [...(byCa.get(ca) ?? []), name].sort());
  }
  if (byCa.size < 2) return undefined;
  const groups = [...byCa]
    .sort(([, a], [, b]) => b.length - a.length || ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
    .map(([ca, names]) => `${listNames(names)} (CA ${ca.slice(0, 12)}...)`);
  return `The tag ${CLUSTER_TAG}=${cluster} is on nodes of ${byCa.size} clusters, which do not share a CA: ${groups.join(' / ')}; expected one cluster: correct the tag of those that do not belong to ${cluster}.`;
}
