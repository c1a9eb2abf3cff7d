import type { CertificateOnDisk } from '../../contracts/node-steps';

/** What `kubeadm certs renew all` renews: the rows that scripts/lib/certificates/inventory.sh marks as kubeadm's. */
const KUBEADMS = new Set([
  'apiserver',
  'apiserver-kubelet-client',
  'apiserver-etcd-client',
  'etcd-server',
  'etcd-peer',
  'etcd-healthcheck-client',
  'front-proxy-client',
  'admin.conf',
  'super-admin.conf',
  'controller-manager.conf',
  'scheduler.conf',
]);
/** What these components make in memory whenever they start, unless they are given a file (`--tls-cert-file`). */
const MADE_AT_START = new Set(['controller-manager-serving', 'scheduler-serving']);

/** Those that others renew: rows of the table in docs/node-steps.md. */
const OTHERS = new Set([
  ...['ca', 'front-proxy-ca', 'etcd-ca'],
  ...['kubelet.conf', 'kubelet-client', 'kubelet-serving'],
  ...['external-etcd-client', 'apiserver-serving'],
]);

type Certificate = Pick<CertificateOnDisk, 'name' | 'external' | 'missing' | 'anotherCa' | 'unmanaged'> & {
  path?: string | undefined;
};

/**
 * Whether a renewal of a control plane makes this certificate anew. It does not where somebody else made it: a kubelet,
 * an external CA or etcd, or who configured a file of their own (`unmanaged`); nor where its CA did not sign it (`external` or
 * `anotherCa`).
 * @param certificate without a path where a port serves it and no file holds it
 */
export function isRenewed({ name, path, external, missing, anotherCa, unmanaged }: Certificate): boolean {
  if (path === undefined) return MADE_AT_START.has(name);
  return KUBEADMS.has(name) && !external && !missing && !anotherCa && !unmanaged;
}

/** One of those that `kubeadm certs renew all` renews. */
export const isKubeadms = (name: string): boolean => KUBEADMS.has(name);

/** A name that scripts/check-certificates.sh gives a certificate by itself; kubeadm, or who forges an answer, may add any other. */
export const isKnown = (name: string): boolean => KUBEADMS.has(name) || MADE_AT_START.has(name) || OTHERS.has(name);

/** Whether the CA on the node, with which kubeadm would sign this certificate, has only the name of the one that signed it. */
export function hasReplacedCa({ name, anotherCa, unmanaged }: CertificateOnDisk): boolean {
  return KUBEADMS.has(name) && anotherCa === true && !unmanaged;
}

/** Whether a CA of the node signed it that is not the one for it, such as etcd's the API server's certificate. */
export function isOfWrongCa({ ca, issuer }: Pick<CertificateOnDisk, 'ca' | 'issuer'>): boolean {
  return issuer !== undefined && ca !== undefined && ca !== 'self';
}

/** openssl prints serials with leading zeros, in lower case or with colons, depending on the command. */
export function sameSerial(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(serial: string): string {
  return serial
    .replace(/[^0-9a-f]/gi, '')
    .replace(/^0+/, '')
    .toUpperCase();
}
