import { readdir } from 'node:fs/promises';

const FOLDER = '/run/netns';

/** Of a node, or of the cluster's switch and load balancer; the same names as in host/names.sh. */
export const networkNamespaceFile = (cluster: string, node?: string): string =>
  `${FOLDER}/lab.${cluster}${node ? `.${node}` : ''}`;

/** Names of the clusters of this machine that have a network namespace, wherever their files are. */
export async function runningClusters(): Promise<string[]> {
  const files = await readdir(FOLDER).catch((): string[] => []);
  const names = files.flatMap((file) => /^lab\.([^.]+)/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}
