import { randomBytes } from 'node:crypto';

export interface Certificate {
  /** As openssl prints it. */
  serial: string;
  notAfter: Date;
}

const DAY_MS = 24 * 3600_000;
export const YEAR_MS = 365 * DAY_MS;
export const CA_LIFE_MS = 10 * YEAR_MS;

export const newCertificate = (lifeMs: number): Certificate => ({
  serial: `4${randomBytes(8).toString('hex').slice(1)}`.toUpperCase(),
  notAfter: new Date(Date.now() + lifeMs),
});

/** ISO 8601 in whole seconds, as scripts write it. */
export const iso = (time: Date): string => time.toISOString().replace(/\.\d+/, '');
export const isValid = (certificate: Certificate | undefined): boolean =>
  certificate !== undefined && certificate.notAfter > new Date();

export interface CertificateFile {
  name: string;
  path: string;
  ca?: string;
}

const PKI = '/etc/kubernetes/pki';
export const CAS: CertificateFile[] = [
  { name: 'ca', path: `${PKI}/ca.crt` },
  { name: 'etcd-ca', path: `${PKI}/etcd/ca.crt` },
  { name: 'front-proxy-ca', path: `${PKI}/front-proxy-ca.crt` },
];
/** What `kubeadm certs renew all` renews on a control plane, in the order in which the scripts list it. */
export const KUBEADMS: CertificateFile[] = [
  { name: 'apiserver', path: `${PKI}/apiserver.crt`, ca: 'ca' },
  { name: 'apiserver-kubelet-client', path: `${PKI}/apiserver-kubelet-client.crt`, ca: 'ca' },
  { name: 'front-proxy-client', path: `${PKI}/front-proxy-client.crt`, ca: 'front-proxy-ca' },
  { name: 'apiserver-etcd-client', path: `${PKI}/apiserver-etcd-client.crt`, ca: 'etcd-ca' },
  { name: 'admin.conf', path: '/etc/kubernetes/admin.conf', ca: 'ca' },
  { name: 'super-admin.conf', path: '/etc/kubernetes/super-admin.conf', ca: 'ca' },
  { name: 'controller-manager.conf', path: '/etc/kubernetes/controller-manager.conf', ca: 'ca' },
  { name: 'scheduler.conf', path: '/etc/kubernetes/scheduler.conf', ca: 'ca' },
  { name: 'etcd-server', path: `${PKI}/etcd/server.crt`, ca: 'etcd-ca' },
  { name: 'etcd-peer', path: `${PKI}/etcd/peer.crt`, ca: 'etcd-ca' },
  { name: 'etcd-healthcheck-client', path: `${PKI}/etcd/healthcheck-client.crt`, ca: 'etcd-ca' },
];
export const KUBELETS: CertificateFile[] = [
  { name: 'kubelet-client', path: '/var/lib/kubelet/pki/kubelet-client-current.pem', ca: 'ca' },
  { name: 'kubelet-serving', path: '/var/lib/kubelet/pki/kubelet.crt' },
];

/** The static pods in the order in which they restart, with what each loads when it starts. */
export const COMPONENTS = {
  etcd: ['etcd-server', 'etcd-peer'],
  'kube-apiserver': ['apiserver', 'apiserver-etcd-client'],
  'kube-controller-manager': ['controller-manager-serving'],
  'kube-scheduler': ['scheduler-serving'],
} as const;
export type Component = keyof typeof COMPONENTS;
export const COMPONENT_NAMES = Object.keys(COMPONENTS) as Component[];

/** Ports of a control plane, by the certificate that they present. */
export const PORTS = [
  [6443, 'apiserver'],
  [2379, 'etcd-server'],
  [2380, 'etcd-peer'],
  [10250, 'kubelet-serving'],
  [10257, 'controller-manager-serving'],
  [10259, 'scheduler-serving'],
] as const;
