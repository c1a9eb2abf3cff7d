import type { LeafRequest, Subject } from './certificate';

export type CaName = 'ca' | 'etcd-ca' | 'front-proxy-ca';

/** kubeadm's CAs: file below /etc/kubernetes/pki without its ending, and common name. */
export const CAS: Record<CaName, { file: string; commonName: string }> = {
  ca: { file: 'ca', commonName: 'kubernetes' },
  'etcd-ca': { file: 'etcd/ca', commonName: 'etcd-ca' },
  'front-proxy-ca': { file: 'front-proxy-ca', commonName: 'front-proxy-ca' },
};

/** What the certificates of a node depend on. */
export interface CertificateSubject {
  nodeName: string;
  privateIp: string;
  /** Host of the cluster's stable endpoint. */
  controlPlaneEndpoint: string;
}

/** How kubeadm makes one certificate. */
export interface CertificateSpec {
  /** kubeadm's own name of it. */
  name: string;
  ca: CaName;
  /** Below /etc/kubernetes/pki, without its ending; absent for a certificate that a kubeconfig embeds. */
  file?: string;
  request(node: CertificateSubject): Omit<LeafRequest, 'validity'>;
}

const ADMINS = 'kubeadm:cluster-admins';

function client(subject: Subject) {
  return () => ({ subject, usages: ['client' as const] });
}

function etcdMember({ nodeName, privateIp }: CertificateSubject): Omit<LeafRequest, 'validity'> {
  return {
    subject: { commonName: nodeName },
    // etcd talks to itself with its serving certificate, so that one needs client use as well.
    usages: ['server', 'client'],
    dnsNames: [nodeName, 'localhost'].sort(),
    ips: [privateIp, '127.0.0.1', '::1'],
  };
}

function apiServer({ nodeName, privateIp, controlPlaneEndpoint }: CertificateSubject): Omit<LeafRequest, 'validity'> {
  return {
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    dnsNames: [
      controlPlaneEndpoint,
      nodeName,
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ].sort(),
    ips: ['10.96.0.1', privateIp],
  };
}

/** Certificates that etcd and its clients use: only there when etcd runs on the control planes. */
export const ETCD_CERTIFICATES: CertificateSpec[] = [
  { name: 'etcd-server', ca: 'etcd-ca', file: 'etcd/server', request: etcdMember },
  { name: 'etcd-peer', ca: 'etcd-ca', file: 'etcd/peer', request: etcdMember },
  {
    name: 'etcd-healthcheck-client',
    ca: 'etcd-ca',
    file: 'etcd/healthcheck-client',
    request: client({ commonName: 'kube-etcd-healthcheck-client' }),
  },
];

export const APISERVER_ETCD_CLIENT: CertificateSpec = {
  name: 'apiserver-etcd-client',
  ca: 'etcd-ca',
  file: 'apiserver-etcd-client',
  request: client({ commonName: 'kube-apiserver-etcd-client' }),
};

export const CONTROL_PLANE_CERTIFICATES: CertificateSpec[] = [
  { name: 'apiserver', ca: 'ca', file: 'apiserver', request: apiServer },
  {
    name: 'apiserver-kubelet-client',
    ca: 'ca',
    file: 'apiserver-kubelet-client',
    request: client({ commonName: 'kube-apiserver-kubelet-client', organizations: [ADMINS] }),
  },
  {
    name: 'front-proxy-client',
    ca: 'front-proxy-ca',
    file: 'front-proxy-client',
    request: client({ commonName: 'front-proxy-client' }),
  },
];

/** Client certificates that are embedded in kubeconfig files of /etc/kubernetes, by file name. */
export const KUBECONFIG_CERTIFICATES: CertificateSpec[] = [
  {
    name: 'admin.conf',
    ca: 'ca',
    request: client({ commonName: 'kubernetes-admin', organizations: [ADMINS] }),
  },
  {
    name: 'super-admin.conf',
    ca: 'ca',
    request: client({ commonName: 'kubernetes-super-admin', organizations: ['system:masters'] }),
  },
  { name: 'controller-manager.conf', ca: 'ca', request: client({ commonName: 'system:kube-controller-manager' }) },
  { name: 'scheduler.conf', ca: 'ca', request: client({ commonName: 'system:kube-scheduler' }) },
];

export const EXTERNAL_ETCD_CLIENT: CertificateSpec = {
  name: 'external-etcd-client',
  ca: 'etcd-ca',
  file: 'external-etcd/client',
  request: client({ commonName: 'kube-apiserver-etcd-client' }),
};

export const KUBELET_CLIENT: CertificateSpec = {
  name: 'kubelet-client',
  ca: 'ca',
  request: ({ nodeName }) => ({
    subject: { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] },
    usages: ['client'],
  }),
};
