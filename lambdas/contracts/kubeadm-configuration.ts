import type { KubernetesSettings } from './kubernetes-settings';

/** The documents that kubeadm reads, and the group that each belongs to. */
const KINDS = {
  InitConfiguration: 'kubeadm.k8s.io',
  ClusterConfiguration: 'kubeadm.k8s.io',
  JoinConfiguration: 'kubeadm.k8s.io',
  KubeletConfiguration: 'kubelet.config.k8s.io',
  KubeProxyConfiguration: 'kubeproxy.config.k8s.io',
} as const;
export type ConfigurationKind = keyof typeof KINDS;
export type ConfigurationDocument = Record<string, unknown> & { apiVersion: string; kind: ConfigurationKind };

/** Settings that say what the user's own documents say themselves. */
const SAID_THERE = [
  ...(['certSANs', 'extraArgs', 'kubelet', 'kubeProxy', 'certificateValidityPeriod', 'encryptionAlgorithm'] as const),
  ...(['ignorePreflightErrors'] as const),
];

/** The user's own documents by kind. `mistakes` are sentences without a subject: what it has, what is expected, what to do. */
export function readConfiguration(configuration: readonly object[] = []): {
  documents: Map<ConfigurationKind, ConfigurationDocument>;
  mistakes: string[];
} {
  const documents = new Map<ConfigurationKind, ConfigurationDocument>();
  const mistakes: string[] = [];
  for (const value of configuration as ConfigurationDocument[]) {
    const { apiVersion, kind } = value;
    if (!Object.hasOwn(KINDS, String(kind)) || !String(apiVersion).startsWith(`${KINDS[kind]}/`))
      mistakes.push(
        `has a document of kind ${String(kind)} and apiVersion ${String(apiVersion)}; expected ${Object.keys(KINDS).join(', ')}`,
      );
    else if (documents.has(kind)) mistakes.push(`has ${kind} twice; keep one`);
    else documents.set(kind, value);
  }
  if (documents.size === 0 && mistakes.length === 0)
    mistakes.push('has no document; remove it, or give what kubeadm reads');
  const versions = new Set([...documents.values()].map(({ apiVersion }) => apiVersion).filter(isKubeadms));
  if (versions.size > 1)
    mistakes.push(`mixes ${[...versions].join(' and ')}; run 'kubeadm config migrate' on all of it`);
  return { documents, mistakes };
}

const isKubeadms = (apiVersion: string) => apiVersion.startsWith('kubeadm.k8s.io/');

/** v1beta3 or v1beta4 of kubeadm's own documents; undefined where there are none. */
export const apiOf = (documents: Map<ConfigurationKind, ConfigurationDocument>): string | undefined =>
  [...documents.values()]
    .map(({ apiVersion }) => apiVersion)
    .find(isKubeadms)
    ?.split('/')[1];

/** What is wrong with the user's own documents, beside the other settings: a sentence each, without a subject. */
export function mistakesInConfiguration(settings: KubernetesSettings, defaults: KubernetesSettings): string[] {
  const { documents, mistakes } = readConfiguration(settings.configuration);
  if (mistakes.length > 0) return mistakes;
  const at = (kind: ConfigurationKind, ...path: string[]) =>
    path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], documents.get(kind));
  const secrets: [ConfigurationKind, ...string[]][] = [
    ['InitConfiguration', 'bootstrapTokens'],
    ['InitConfiguration', 'certificateKey'],
    ['JoinConfiguration', 'discovery'],
    ['JoinConfiguration', 'controlPlane', 'certificateKey'],
  ];
  const others: [unknown, string, unknown][] = [
    [at('ClusterConfiguration', 'kubernetesVersion'), 'version', `v${settings.version}`],
    [at('ClusterConfiguration', 'controlPlaneEndpoint'), 'endpoint', settings.endpoint],
    [at('ClusterConfiguration', 'networking', 'podSubnet'), 'podSubnet', settings.podSubnet],
    [at('KubeletConfiguration', 'cgroupDriver'), 'cgroupDriver', settings.cgroupDriver],
  ];
  return [
    ...secrets
      .filter(([kind, ...path]) => at(kind, ...path) !== undefined)
      .map(([kind, ...path]) => `has ${[kind, ...path].join('.')}, which each node gets when it needs it; remove it`),
    ...others
      .filter(([there, , here]) => there !== undefined && there !== here)
      .map(
        ([there, name, here]) =>
          `says ${String(there)} where kubernetes.${name} says ${String(here)}; make them equal or remove it there`,
      ),
    ...SAID_THERE.filter((name) => JSON.stringify(settings[name]) !== JSON.stringify(defaults[name])).map(
      (name) => `is given, and so is kubernetes.${name}; say it in the configuration alone`,
    ),
    ...(['InitConfiguration', 'JoinConfiguration'] as const)
      .filter((kind) => Object.keys(settings.patches).length > 0 && at(kind, 'patches') !== undefined)
      .map((kind) => `has ${kind}.patches, and kubernetes.patches is given; keep kubernetes.patches`),
  ];
}
