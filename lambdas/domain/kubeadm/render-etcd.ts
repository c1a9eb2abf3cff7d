import { stringify } from 'yaml';
import type { KubernetesSettings } from '../../contracts/kubernetes-settings';
import { argumentsFor, configurationApi, RUNTIME_SOCKET } from './render-configuration';

/** Where control planes have what they need of an etcd that this app starts: as in the documentation of kubeadm. */
const CLIENT_FILES = {
  caFile: '/etc/kubernetes/pki/etcd/ca.crt',
  certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
} as const;

/** How control planes reach an etcd on these machines. */
export const etcdOn = (addresses: string[]): NonNullable<KubernetesSettings['externalEtcd']> => ({
  endpoints: addresses.map((address) => `https://${address}:2379`),
  ...CLIENT_FILES,
});

/** Of the machine that runs etcd: what `kubeadm init phase` makes its certificates and its static pod of. YAML, which the node's scripts read too. */
export function renderEtcd(node: string, address: string, settings: KubernetesSettings): string {
  const { version, runtime, extraArgs, certificateValidityPeriod, encryptionAlgorithm } = settings;
  const api = configurationApi(version);
  const apiVersion = `kubeadm.k8s.io/${api}`;
  return [
    {
      ...{ apiVersion, kind: 'InitConfiguration' },
      localAPIEndpoint: { advertiseAddress: address },
      nodeRegistration: { name: node, criSocket: `unix://${RUNTIME_SOCKET[runtime]}` },
    },
    {
      ...{ apiVersion, kind: 'ClusterConfiguration' },
      kubernetesVersion: `v${version}`,
      etcd: { local: { dataDir: '/var/lib/etcd', ...argumentsFor(api, extraArgs.etcd) } },
      ...(certificateValidityPeriod && { certificateValidityPeriod }),
      ...(encryptionAlgorithm && { encryptionAlgorithm }),
    },
  ]
    .map((document) => stringify(document))
    .join('---\n');
}

/** Of its kubelet, which serves nobody but the machine itself and asks no API server. */
export function renderEtcdKubelet({ runtime, cgroupDriver, swap, kubelet }: KubernetesSettings): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver,
    ...(swap === 'keep' && { failSwapOn: false }),
    ...kubelet,
    address: '127.0.0.1',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${RUNTIME_SOCKET[runtime]}`,
    staticPodPath: '/etc/kubernetes/manifests',
  });
}
