import { CLUSTER_TAG } from '../../contracts/cluster-config';
import { listNames } from '../text/plain-text';

export interface MixedClusters {
  /** One sentence for all of them. */
  sentence: string;
  /** Nodes whose CA is not that of most nodes, with a sentence each. */
  strangers: { name: string; message: string }[];
}

/**
 * Nodes of one cluster share its CA. What is known of those that do not, or say so: what changes a cluster refuses then, what only looks
 * reports it. Undefined when they share it.
 */
export function findMixedClusters(
  cluster: string,
  nodes: { name: string; caFingerprint: string | undefined }[],
): MixedClusters | undefined {
  const byCa = new Map<string, string[]>();
  for (const { name, caFingerprint } of nodes) {
    if (!caFingerprint) continue;
    // openssl prints colons, other tools do not.
    const ca = caFingerprint.replace(/[^0-9a-f]/gi, '').toUpperCase();
    byCa.set(ca, [...(byCa.get(ca) ?? []), name].sort());
  }
  if (byCa.size < 2) return undefined;
  const groups = [...byCa].sort(([, a], [, b]) => b.length - a.length || ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
  const described = groups.map(([ca, names]) => `${listNames(names)} (CA ${ca.slice(0, 12)}...)`);
  return {
    sentence: `The tag ${CLUSTER_TAG}=${cluster} is on nodes of ${byCa.size} clusters, which do not share a CA: ${described.join(' / ')}; expected one cluster: correct the tag of those that do not belong to ${cluster}.`,
    strangers: groups.slice(1).flatMap(([, names], index) =>
      names.map((name) => ({
        name,
        message: `${name} has another CA than ${described[0]} of ${cluster}, as ${described[index + 1]} say: correct its tag ${CLUSTER_TAG} if it belongs to another cluster; if it does not, its answer is forged.`,
      })),
    ),
  };
}
