import type { ClusterSettings } from './cluster-configuration';
import { EXTERNAL_ETCD_FILES } from './cluster-configuration';
import { etcdVersionOf } from './kubernetes-version';

export interface ManifestNode {
  name: string;
  privateIp: string;
  /** NAME=https://IP:2380 of all members, in the order in which they joined up to this one. */
  initialCluster: string[];
}

export type Flags = Record<string, string>;

export const PKI = '/etc/kubernetes/pki';
const FRONT_PROXY_CA = `${PKI}/front-proxy-ca.crt`;

export function etcdFlags(node: ManifestNode, settings: ClusterSettings): Flags {
  const url = (port: number) => `https://${node.privateIp}:${port}`;
  const checks: Flags = etcdVersionOf(settings.kubernetesVersion).startsWith('3.5')
    ? { 'experimental-initial-corrupt-check': 'true', 'experimental-watch-progress-notify-interval': '5s' }
    : { 'feature-gates': 'InitialCorruptCheck=true', 'watch-progress-notify-interval': '5s' };
  return {
    'advertise-client-urls': url(2379),
    'cert-file': `${PKI}/etcd/server.crt`,
    'client-cert-auth': 'true',
    'data-dir': '/var/lib/etcd',
    'initial-advertise-peer-urls': url(2380),
    'initial-cluster': node.initialCluster.join(','),
    ...(node.initialCluster.length > 1 ? { 'initial-cluster-state': 'existing' } : {}),
    'key-file': `${PKI}/etcd/server.key`,
    'listen-client-urls': `https://127.0.0.1:2379,${url(2379)}`,
    'listen-metrics-urls': 'http://127.0.0.1:2381',
    'listen-peer-urls': url(2380),
    name: node.name,
    'peer-cert-file': `${PKI}/etcd/peer.crt`,
    'peer-client-cert-auth': 'true',
    'peer-key-file': `${PKI}/etcd/peer.key`,
    'peer-trusted-ca-file': `${PKI}/etcd/ca.crt`,
    'snapshot-count': '10000',
    'trusted-ca-file': `${PKI}/etcd/ca.crt`,
    ...checks,
  };
}

export function apiServerFlags(node: ManifestNode, { externalEtcdEndpoints }: ClusterSettings): Flags {
  return {
    'advertise-address': node.privateIp,
    'allow-privileged': 'true',
    'authorization-mode': 'Node,RBAC',
    'client-ca-file': `${PKI}/ca.crt`,
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': 'true',
    'etcd-cafile': externalEtcdEndpoints ? EXTERNAL_ETCD_FILES.caFile : `${PKI}/etcd/ca.crt`,
    'etcd-certfile': externalEtcdEndpoints ? EXTERNAL_ETCD_FILES.certFile : `${PKI}/apiserver-etcd-client.crt`,
    'etcd-keyfile': externalEtcdEndpoints ? EXTERNAL_ETCD_FILES.keyFile : `${PKI}/apiserver-etcd-client.key`,
    'etcd-servers': externalEtcdEndpoints?.join(',') ?? 'https://127.0.0.1:2379',
    'kubelet-client-certificate': `${PKI}/apiserver-kubelet-client.crt`,
    'kubelet-client-key': `${PKI}/apiserver-kubelet-client.key`,
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    'proxy-client-cert-file': `${PKI}/front-proxy-client.crt`,
    'proxy-client-key-file': `${PKI}/front-proxy-client.key`,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-client-ca-file': FRONT_PROXY_CA,
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'secure-port': '6443',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': `${PKI}/sa.pub`,
    'service-account-signing-key-file': `${PKI}/sa.key`,
    'service-cluster-ip-range': '10.96.0.0/12',
    'tls-cert-file': `${PKI}/apiserver.crt`,
    'tls-private-key-file': `${PKI}/apiserver.key`,
  };
}

export function kubeconfigFlags(file: string): Flags {
  return {
    'authentication-kubeconfig': file,
    'authorization-kubeconfig': file,
    'bind-address': '127.0.0.1',
    kubeconfig: file,
    'leader-elect': 'true',
  };
}

export function controllerManagerFlags(settings: ClusterSettings): Flags {
  return {
    ...kubeconfigFlags('/etc/kubernetes/controller-manager.conf'),
    'allocate-node-cidrs': 'true',
    'client-ca-file': `${PKI}/ca.crt`,
    'cluster-cidr': '10.244.0.0/16',
    'cluster-name': settings.clusterName,
    'cluster-signing-cert-file': `${PKI}/ca.crt`,
    'cluster-signing-key-file': `${PKI}/ca.key`,
    controllers: '*,bootstrapsigner,tokencleaner',
    'requestheader-client-ca-file': FRONT_PROXY_CA,
    'root-ca-file': `${PKI}/ca.crt`,
    'service-account-private-key-file': `${PKI}/sa.key`,
    'service-cluster-ip-range': '10.96.0.0/12',
    'use-service-account-credentials': 'true',
  };
}
