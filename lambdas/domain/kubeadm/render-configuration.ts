import { PATCHES_DIRECTORY } from '../../contracts/kubeadm-patches';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import type { NodeRole } from '../../contracts/node';
import { minorOf } from '../versions/version';
import { ownApi, ownCertificatesDir, unreadable, withOwnDocuments, type Document } from './own-configuration';
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
  /** No secret; each node has its own, which its metadata service tells. */
  providerId: 'aws:///zone/i-00000000000000000',
} as const;

/** Of the token that the first control plane begins with: prepare-join makes it last longer. */
const TOKEN_TTL = '15m0s';

/** Told to kubeadm also where there is one alone: Docker's containerd has a socket, too. */
export const RUNTIME_SOCKET: Record<KubernetesSettings['runtime'], string> = {
  containerd: '/run/containerd/containerd.sock',
  'cri-o': '/run/crio/crio.sock',
  'cri-dockerd': '/run/cri-dockerd.sock',
};

type KubeadmApi = 'v1beta3' | 'v1beta4';

/** kubeadm.k8s.io/v1beta4 came with 1.31; v1beta3 went with 1.37. */
export const configurationApi = (version: string): KubeadmApi =>
  (minorOf(version) ?? 0) >= 31 ? 'v1beta4' : 'v1beta3';

/** The user's own configuration keeps its API version: the node migrates it where that is too old. */
const apiFor = (settings: KubernetesSettings): KubeadmApi =>
  ownApi(settings) === 'v1beta3' ? 'v1beta3' : configurationApi(settings.version);

/** Of the first control plane: `kubeadm init --config`. */
export function renderInit(cluster: string, settings: KubernetesSettings): string {
  const { version, endpoint, podSubnet, serviceSubnet, dnsDomain, certSANs = [] } = settings;
  const api = apiFor(settings);
  const component = (name: 'apiServer' | 'controllerManager' | 'scheduler' | 'etcd') =>
    argumentsFor(api, settings.extraArgs[name]);
  return documents(
    'control-plane',
    settings,
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
      etcd: settings.externalEtcd
        ? { external: settings.externalEtcd }
        : { local: { dataDir: '/var/lib/etcd', ...component('etcd') } },
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
  const api = apiFor(settings);
  const certificatesDir = ownCertificatesDir(settings);
  return documents(role, settings, {
    ...kind(api, 'JoinConfiguration'),
    // The configuration of kubelets names the CA there, and kubeadm puts it where this says.
    ...(certificatesDir && { caCertPath: `${certificatesDir}/ca.crt` }),
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
  const problems = [...unknownPatches(settings.version, settings.patches), ...unreadable(settings)];
  if (configurationApi(settings.version) === 'v1beta4') return problems;
  const newer = (['certificateValidityPeriod', 'encryptionAlgorithm'] as const).filter((field) => settings[field]);
  const twice = Object.entries(settings.extraArgs).flatMap(([component, args]) => {
    const names = (args ?? []).map(({ name }) => name);
    return names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `extraArgs.${component} has ${name} more than once`);
  });
  return [...newer.map((field) => `${field} is set`), ...twice, ...problems];
}

const kind = (api: string, name: string) => ({ apiVersion: `kubeadm.k8s.io/${api}`, kind: name });

function nodeRegistration(api: KubeadmApi, settings: KubernetesSettings) {
  const { extraArgs: args } = argumentsFor(api, [...(settings.extraArgs.kubelet ?? []), ...cloudProvider(settings)]);
  return {
    criSocket: `unix://${RUNTIME_SOCKET[settings.runtime]}`,
    ...(args && { kubeletExtraArgs: args }),
    ...(settings.ignorePreflightErrors.length > 0 && { ignorePreflightErrors: settings.ignorePreflightErrors }),
  };
}

/** The kubelet then waits for a cloud controller manager, and tells it which machine it is. */
const cloudProvider = (settings: KubernetesSettings) =>
  settings.cloudProvider === 'external'
    ? [
        { name: 'cloud-provider', value: 'external' },
        { name: 'provider-id', value: PLACEHOLDER.providerId },
      ]
    : [];

/** kubeadm refuses a directory that is not there. */
const patches = (role: NodeRole, settings: KubernetesSettings) =>
  Object.keys(patchesOf(role, settings.patches)).length > 0 && { patches: { directory: PATCHES_DIRECTORY } };

/** A list from v1beta4 on, before that a map. */
export function argumentsFor(api: KubeadmApi, args: { name: string; value: string }[] = []) {
  if (args.length === 0) return {};
  return {
    extraArgs: api === 'v1beta4' ? args : Object.fromEntries(args.map(({ name, value }) => [name, value])),
  };
}

/** YAML of which each document is a line of JSON, which YAML contains. */
const documents = (role: NodeRole, settings: KubernetesSettings, ...made: Document[]): string =>
  withOwnDocuments(role, settings, made)
    .map((part) => `${JSON.stringify(part)}\n`)
    .join('---\n');
