import { PATCHES_DIRECTORY } from '../../contracts/kubeadm-patches';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { NodeRole } from '../../contracts/node';
import { minorOf } from '../versions/version';
import { patchesOf, unknownPatches } from './patches';

/**
 * What stands in a rendered configuration where a secret belongs: the node puts in what it has read itself. Valid by its form, so that
 * the document as it is can be checked.
 */
export const PLACEHOLDER = {
  token: '000000.0000000000000000',
  certificateKey: '0'.repeat(64),
  /** No secret; known once the first control plane is there. */
  caCertHash: `sha256:${'f'.repeat(64)}`,
} as const;

/** Of the token that the first control plane begins with: prepare-join makes it last longer. */
const TOKEN_TTL = '15m0s';

/** kubeadm.k8s.io/v1beta4 came with 1.31; v1beta3 went with 1.37. */
export const configurationApi = (version: string): 'v1beta3' | 'v1beta4' =>
  (minorOf(version) ?? 0) >= 31 ? 'v1beta4' : 'v1beta3';

/** Of the first control plane: `kubeadm init --config`. */
export function renderInit(cluster: string, settings: KubernetesSettings): string {
  const { version, endpoint, podSubnet, serviceSubnet, dnsDomain, certSANs = [] } = settings;
  const api = configurationApi(version);
  const component = (name: 'apiServer' | 'controllerManager' | 'scheduler' | 'etcd') =>
    extraArgs(api, settings.extraArgs[name]);
  return documents(
    {
      ...kind(api, 'InitConfiguration'),
      bootstrapTokens: [
        {
          token: PLACEHOLDER.token,
          ttl: TOKEN_TTL,
          usages: ['signing', 'authentication'],
          groups: ['system:bootstrappers:kubeadm:default-node-token'],
        },
      ],
      nodeRegistration: nodeRegistration(api, settings),
      ...patches('control-plane', settings),
    },
    {
      ...kind(api, 'ClusterConfiguration'),
      clusterName: cluster,
      kubernetesVersion: `v${version}`,
      controlPlaneEndpoint: endpoint,
      networking: { podSubnet, serviceSubnet, dnsDomain },
      apiServer: { ...component('apiServer'), ...(certSANs.length > 0 && { certSANs }) },
      controllerManager: component('controllerManager'),
      scheduler: component('scheduler'),
      etcd: { local: { dataDir: '/var/lib/etcd', ...component('etcd') } },
      ...(settings.certificateValidityPeriod && { certificateValidityPeriod: settings.certificateValidityPeriod }),
      ...(settings.encryptionAlgorithm && { encryptionAlgorithm: settings.encryptionAlgorithm }),
    },
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: settings.cgroupDriver,
      ...(settings.swap === 'keep' && { failSwapOn: false }),
      ...settings.kubelet,
    },
    ...(Object.keys(settings.kubeProxy).length > 0
      ? [{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration', ...settings.kubeProxy }]
      : []),
  );
}

/** Of every other node of this role: `kubeadm join --config`. */
export function renderJoin(role: 'control-plane' | 'worker', settings: KubernetesSettings): string {
  const api = configurationApi(settings.version);
  return documents({
    ...kind(api, 'JoinConfiguration'),
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: settings.endpoint,
        token: PLACEHOLDER.token,
        caCertHashes: [PLACEHOLDER.caCertHash],
      },
    },
    ...(role === 'control-plane' && { controlPlane: { certificateKey: PLACEHOLDER.certificateKey } }),
    nodeRegistration: nodeRegistration(api, settings),
    ...patches(role, settings),
  });
}

/** What this release of kubeadm does not know, half a sentence each. */
export function unsayable(settings: KubernetesSettings): string[] {
  const patches = unknownPatches(settings.version, settings.patches);
  if (configurationApi(settings.version) === 'v1beta4') return patches;
  const newer = (['certificateValidityPeriod', 'encryptionAlgorithm'] as const).filter((field) => settings[field]);
  const twice = Object.entries(settings.extraArgs).flatMap(([component, args]) => {
    const names = (args ?? []).map(({ name }) => name);
    return names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `extraArgs.${component} has ${name} more than once`);
  });
  return [...newer.map((field) => `${field} is set`), ...twice, ...patches];
}

const kind = (api: string, name: string) => ({ apiVersion: `kubeadm.k8s.io/${api}`, kind: name });

function nodeRegistration(api: 'v1beta3' | 'v1beta4', settings: KubernetesSettings) {
  const { extraArgs: args } = extraArgs(api, settings.extraArgs.kubelet);
  return {
    criSocket: 'unix:///run/containerd/containerd.sock',
    ...(args && { kubeletExtraArgs: args }),
    ...(settings.ignorePreflightErrors.length > 0 && { ignorePreflightErrors: settings.ignorePreflightErrors }),
  };
}

/** kubeadm refuses a directory that is not there. */
const patches = (role: NodeRole, settings: KubernetesSettings) =>
  Object.keys(patchesOf(role, settings.patches)).length > 0 && { patches: { directory: PATCHES_DIRECTORY } };

/** A list from v1beta4 on, before that a map. */
function extraArgs(api: 'v1beta3' | 'v1beta4', args: { name: string; value: string }[] = []) {
  if (args.length === 0) return {};
  return {
    extraArgs: api === 'v1beta4' ? args : Object.fromEntries(args.map(({ name, value }) => [name, value])),
  };
}

/** YAML of which each document is a line of JSON, which YAML contains. */
const documents = (...parts: object[]): string => parts.map((part) => `${JSON.stringify(part)}\n`).join('---\n');
