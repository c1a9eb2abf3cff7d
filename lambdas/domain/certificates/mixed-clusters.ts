import { CLUSTER_TAG } from '../../contracts/cluster-config';
import { listNames } from '../text/plain-text';

export interface MixedClusters {
  /** One sentence for all of them. */
  sentence: string;
  /** Nodes whose CA is not that of most nodes, with a sentence each. */
  strangers: { name: string; message: string }[];
}

export interface NodeWithCa {
  name: string;
  /** Hashes of its CA's public keys: of one, or while a CA is rotated of several. */
  caPublicKeys: string[] | undefined;
}

/**
 * Nodes of one cluster share a public key of its CA, if not with each other then through a node that has both. What is known of those that
 * do not, or say so: what changes a cluster refuses then, what only looks reports it. Undefined when they do.
 */
export function findMixedClusters(cluster: string, nodes: NodeWithCa[]): MixedClusters | undefined {
  const groups = groupByCa(nodes);
  if (groups.length < 2) return undefined;
  groups.sort((a, b) => b.names.length - a.names.length || ((a.names[0] ?? '') < (b.names[0] ?? '') ? -1 : 1));
  const described = groups.map(({ names, keys }) => `${listNames(names)} (CA key ${(keys[0] ?? '').slice(0, 12)}...)`);
  return {
    sentence: `The tag ${CLUSTER_TAG}=${cluster} is on nodes of ${groups.length} clusters, which do not share a CA: ${described.join(' / ')}; expected one cluster: correct the tag of those that do not belong to ${cluster}.`,
    strangers: groups.slice(1).flatMap(({ names }, index) =>
      names.map((name) => ({
        name,
        message: `${name} has another CA than ${described[0]} of ${cluster}, as ${described[index + 1]} say: correct its tag ${CLUSTER_TAG} if it belongs to another cluster; if it does not, its answer is forged.`,
      })),
    ),
  };
}

/** Names and keys of those who share a key, directly or through others; names in order, the first node's keys first. */
function groupByCa(nodes: NodeWithCa[]): { names: string[]; keys: string[] }[] {
  let groups: { names: string[]; keys: string[] }[] = [];
  for (const { name, caPublicKeys: keys } of nodes) {
    if (!keys || keys.length === 0) continue;
    const related = groups.filter((group) => group.keys.some((key) => keys.includes(key)));
    groups = [
      ...groups.filter((group) => !related.includes(group)),
      {
        names: [...related.flatMap(({ names }) => names), name].sort(),
        keys: [...related.flatMap((group) => group.keys), ...keys],
      },
    ];
  }
  return groups;
}
