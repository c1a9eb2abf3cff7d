import { RUNBOOK } from '../../contracts/runbook';
import type { CertificateOnDisk } from '../../contracts/node-steps';
import { isOfWrongCa, isRenewed } from '../../domain/certificates/is-renewed';

export const KUBELET_CLIENT = new Set(['kubelet.conf', 'kubelet-client']);
export const KUBELET_SERVING = 'kubelet-serving';

export interface Remedy {
  /** renew-certificates fixes it. */
  renewable: boolean;
  /** What to do, as the second half of a sentence. */
  advice: string;
  /** Heading of the operator runbook. */
  heading: string;
}

const RENEWAL: Remedy = { renewable: true, advice: 'renew-certificates fixes it', heading: RUNBOOK.expiry };

/** A row of the inventory; of what a port serves and no file holds, the name alone. */
type Certificate = Pick<CertificateOnDisk, 'name'> & Partial<CertificateOnDisk>;

/**
 * Who renews a leaf certificate, and what a person has to do where that is not renew-certificates.
 * @param renewsEtcd the cluster has an external etcd whose certificates renew-certificates renews, and with them those of its clients
 * @param leftAlone why a renewal leaves it alone, where it does
 */
export function whatFixesIt(
  certificate: Certificate,
  node: string,
  expired: boolean,
  { isEtcdNode, renewsEtcd }: { isEtcdNode: boolean; renewsEtcd: boolean },
  leftAlone?: string,
): Remedy {
  const { name } = certificate;
  const byHand = (advice: string, heading: string): Remedy => ({ renewable: false, advice, heading });
  if (certificate.isCa && !isClusterCa(name)) {
    return byHand(
      'put the one that follows it into that file beside it, in time, and restart what reads it',
      RUNBOOK.caExpiry,
    );
  }
  if (certificate.isCa) {
    return byHand(
      'no tool renews a CA by itself: plan its rotation, it changes every node and client',
      RUNBOOK.caExpiry,
    );
  }
  if (certificate.anotherCa) {
    return byHand(
      `another CA signed it than the one on ${node}: decide first which of them is the cluster's`,
      RUNBOOK.anotherCa,
    );
  }
  if (isOfWrongCa(certificate)) {
    return byHand(
      `${certificate.ca} signed it, which is not the CA for it: make a new one on ${node}`,
      RUNBOOK.anotherCa,
    );
  }
  if (KUBELET_CLIENT.has(name)) {
    return expired && !isEtcdNode
      ? { renewable: true, advice: 'renew-certificates lets its kubelet get a new one', heading: RUNBOOK.expiry }
      : byHand(kubeletClientAdvice(node), RUNBOOK.expiry);
  }
  if (name === KUBELET_SERVING) return byHand(kubeletServingAdvice(certificate, node), RUNBOOK.expiry);
  if (name === 'external-etcd-client' && renewsEtcd) return RENEWAL;
  if (isEtcdNode && certificate.external) {
    return byHand(
      `the key of etcd's CA is not on ${node}: sign a new one where it is, put it on ${node} and restart its etcd`,
      RUNBOOK.expiry,
    );
  }
  if (certificate.external) {
    return byHand(
      `an external CA${certificate.issuer === undefined ? '' : ` (${certificate.issuer})`} signs it: have its owner sign a new one, put it on ${node} and restart what serves it`,
      RUNBOOK.expiry,
    );
  }
  if (name === 'external-etcd-client') {
    return byHand(
      `it belongs to the external etcd: get a new one from there, put it on ${node} and restart the API server`,
      RUNBOOK.expiry,
    );
  }
  if (isRenewed(certificate) && leftAlone !== undefined) {
    return byHand(
      `renew-certificates leaves it alone, because ${leftAlone}: see when its CA ends, and certificateValidityPeriod in the ConfigMap kubeadm-config`,
      RUNBOOK.expiry,
    );
  }
  if (isRenewed(certificate)) return RENEWAL;
  return byHand(
    'kubeadm does not renew it: renew it with the tool that made it, and restart what uses it',
    RUNBOOK.expiry,
  );
}

/** One of kubeadm's CAs, or what is in a bundle with it: `ca 2`. Others are called after the flag or kubeconfig that leads to them. */
const isClusterCa = (name: string): boolean => /^(ca|etcd-ca|front-proxy-ca)( \d+)?$/.test(name);

function kubeletClientAdvice(node: string): string {
  return `the kubelet should have renewed it long ago: look at journalctl -u kubelet on ${node} and at kubectl get csr`;
}

function kubeletServingAdvice(certificate: Certificate, node: string): string {
  return certificate.ca === 'self' || certificate.ca === undefined
    ? `it is self-signed and nothing renews it: on ${node} move kubelet.crt and kubelet.key away and restart the kubelet, or set serverTLSBootstrap`
    : `the kubelet has asked for a new one that nobody approved: look at kubectl get csr and approve the one of ${node}`;
}
