import { stringify } from 'yaml';
import { minorOf } from './kubernetes-version';

/** What a simulated cluster's ClusterConfiguration says. */
export interface ClusterSettings {
  clusterName: string;
  /** v1.34.4 */
  kubernetesVersion: string;
  /** HOST:PORT */
  controlPlaneEndpoint: string;
  encryptionAlgorithm: 'ECDSA-P256' | 'RSA-2048';
  /** Go duration, such as 8m0s; default: a year. */
  certificateValidityPeriod?: string;
  /** https://IP:2379 of etcd that runs on nodes of its own. */
  externalEtcdEndpoints?: string[];
}

export const EXTERNAL_ETCD_FILES = {
  caFile: '/etc/kubernetes/pki/external-etcd/ca.crt',
  certFile: '/etc/kubernetes/pki/external-etcd/client.crt',
  keyFile: '/etc/kubernetes/pki/external-etcd/client.key',
};

/** `.data.ClusterConfiguration` of the ConfigMap kubeadm-config. */
export function clusterConfiguration(settings: ClusterSettings): string {
  const common = {
    certificatesDir: '/etc/kubernetes/pki',
    clusterName: settings.clusterName,
    controlPlaneEndpoint: settings.controlPlaneEndpoint,
    controllerManager: {},
    dns: {},
    etcd: settings.externalEtcdEndpoints
      ? { external: { ...EXTERNAL_ETCD_FILES, endpoints: settings.externalEtcdEndpoints } }
      : { local: { dataDir: '/var/lib/etcd' } },
    imageRepository: 'registry.k8s.io',
    kind: 'ClusterConfiguration',
    kubernetesVersion: settings.kubernetesVersion,
    networking: { dnsDomain: 'cluster.local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' },
    scheduler: {},
  };
  // v1beta4 came with 1.31; only it knows validity periods and key algorithms.
  const versioned =
    minorOf(settings.kubernetesVersion) >= 31
      ? {
          apiServer: {},
          apiVersion: 'kubeadm.k8s.io/v1beta4',
          caCertificateValidityPeriod: '87600h0m0s',
          certificateValidityPeriod: settings.certificateValidityPeriod ?? '8760h0m0s',
          encryptionAlgorithm: settings.encryptionAlgorithm,
          proxy: {},
        }
      : { apiServer: { timeoutForControlPlane: '4m0s' }, apiVersion: 'kubeadm.k8s.io/v1beta3' };
  return stringify({ ...versioned, ...common }, { sortMapEntries: true, indentSeq: false });
}
