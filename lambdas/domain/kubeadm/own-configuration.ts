import { apiOf, readConfiguration } from '../../contracts/kubeadm-configuration';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { NodeRole } from '../../contracts/node';
import { minorOf } from '../versions/version';

/** One that kubeadm reads. */
export type Document = Record<string, unknown> & { kind: string };

/** API version of kubeadm's documents in the user's own configuration; undefined without one. */
export const ownApi = (settings: KubernetesSettings) => apiOf(ownDocuments(settings));

/** Where the user's own configuration has the certificates; undefined where it does not say. */
export function ownCertificatesDir(settings: KubernetesSettings): string | undefined {
  const folder = ownDocuments(settings).get('ClusterConfiguration')?.certificatesDir;
  return typeof folder === 'string' ? folder.replace(/\/+$/, '') : undefined;
}

/** The user's own configuration says which etcd the cluster has. */
export const hasOwnEtcd = (settings: KubernetesSettings): boolean =>
  (ownDocuments(settings).get('ClusterConfiguration') as Record<string, unknown> | undefined)?.['etcd'] !== undefined;

const ownDocuments = ({ configuration }: KubernetesSettings) => readConfiguration(configuration).documents;

/**
 * The documents that settings make, with the user's own over them: what the user says wins, and the rest is what a node needs to be part of this
 * cluster. kube-proxy's document is the user's alone.
 */
export function withOwnDocuments(role: NodeRole, settings: KubernetesSettings, made: Document[]): object[] {
  const own = ownDocuments(settings);
  const proxy = made.some(({ kind }) => kind === 'InitConfiguration') && own.get('KubeProxyConfiguration');
  return [
    ...made.map((document) => {
      const { controlPlane, ...rest }: Record<string, unknown> = own.get(document.kind as 'JoinConfiguration') ?? {};
      const theirs = { ...rest, ...(role === 'control-plane' && controlPlane !== undefined && { controlPlane }) };
      // Stacked or external: never both.
      const { etcd, ...others } = document;
      return merged({ ...others, ...(etcd !== undefined && !('etcd' in theirs) && { etcd }) }, theirs);
    }),
    ...(proxy ? [proxy] : []),
  ];
}

/** Whether this release of kubeadm reads, or migrates, the user's documents; half a sentence. */
export function unreadable(settings: KubernetesSettings): string[] {
  const api = ownApi(settings);
  const minor = minorOf(settings.version) ?? 0;
  if (api === undefined || (api === 'v1beta4' && minor >= 31) || (api === 'v1beta3' && minor < 37)) return [];
  return [`configuration is kubeadm.k8s.io/${api} (run 'kubeadm config migrate' of a release that knows both)`];
}

/** Mappings within each other, lists one after the other; of all else what comes second wins. */
function merged(first: object, second: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = result[key];
    if (isMapping(before) && isMapping(value)) result[key] = merged(before, value);
    else
      result[key] =
        Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
  }
  return result;
}

const isMapping = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
