import type { ClusterVersions } from '../../contracts/certificate-check';
import type { CertificateInventory } from '../../contracts/node-steps';
import { count, listNames } from '../text/plain-text';
import { findSkew } from './skew';
import { compareVersions, minorOf, newest, oldest } from './version';

/** What the control planes told of what runs; undefined where no API server answered. */
export function versionsOf(
  answers: { name: string; value: Pick<CertificateInventory, 'kubernetes'> }[],
): ClusterVersions | undefined {
  const told = answers.flatMap(({ name, value: { kubernetes } }) =>
    kubernetes ? [{ node: name, ...kubernetes }] : [],
  );
  if (told.length === 0) return undefined;
  // Each of them knows all nodes; one may have had no time to list them.
  const kubelets = told.map((one) => one.kubelets).find((list) => list.length > 0) ?? [];
  return {
    apiServers: told.map(({ node, apiServer }) => ({ node, version: apiServer })),
    kubelets: [...kubelets].sort((a, b) => compareVersions(a.version, b.version)),
  };
}

/** "API servers 1.36.3; kubelets 1.35.4 on 1 node, 1.36.3 on 4 nodes" */
export function describeVersions({ apiServers, kubelets }: ClusterVersions): string {
  const servers = [...new Set(apiServers.map(({ version }) => version))].sort(compareVersions);
  const nodes = kubelets.map((one) => `${one.version} on ${count(one.nodes, 'node')}`);
  return `${servers.length === 1 && apiServers.length === 1 ? 'API server' : 'API servers'} ${servers.join(' and ')}; ${nodes.length > 0 ? `kubelets ${nodes.join(', ')}` : 'the kubelets are not known'}`;
}

/** Where they are further apart than Kubernetes supports, in half a sentence each. */
export const skewOf = ({ apiServers, kubelets }: ClusterVersions): string[] =>
  findSkew({
    apiServers: apiServers.map(({ version }) => version),
    ...{ controllerManagers: [], schedulers: [] },
    kubelets: kubelets.map(({ version, nodes, names }) => ({
      version,
      node: nodes > names.length ? `${listNames(names)} and ${nodes - names.length} more` : listNames(names),
    })),
  });

/** The minor of the oldest API server, and how many minors the oldest kubelet is behind the newest one, for metrics. */
export function minorsOf({ apiServers, kubelets }: ClusterVersions): { apiServer?: number; kubeletsBehind?: number } {
  const servers = apiServers.map(({ version }) => version);
  const [apiServer, newestServer] = [minorOf(oldest(servers)), minorOf(newest(servers))];
  const kubelet = minorOf(oldest(kubelets.map(({ version }) => version)));
  return {
    ...(apiServer !== undefined && { apiServer }),
    ...(newestServer !== undefined && kubelet !== undefined && { kubeletsBehind: newestServer - kubelet }),
  };
}
