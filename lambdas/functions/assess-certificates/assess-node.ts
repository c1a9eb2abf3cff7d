import { RUNBOOK_OF_FINDING } from '../../contracts/runbook';
import type { CertificateInventory, CertificateOnDisk } from '../../contracts/node-steps';
import { shorten } from '../../domain/text/shorten';
import { DAY, expiry, secondsUntil } from '../../domain/text/time-left';
import { assessServed } from './assess-served';
import { whatMendsIt } from './what-renewal-fixes';
import type { Finding } from '../../contracts/certificate-report';

/** Everything on this node that somebody has to see to. */
export function assessNode(node: NodeToAssess, thresholds: Thresholds): HeadedFinding[] {
  const onDisk = node.inventory.certificates.flatMap((certificate) => assessOnDisk(certificate, node, thresholds));
  const curable = onDisk.some(({ kind, renewable }) => kind === 'expired' && renewable);
  const served = node.inventory.served.flatMap((port) => assessServed(port, node, thresholds, curable));
  return [...onDisk, ...served];
}

function assessOnDisk(certificate: CertificateOnDisk, node: NodeToAssess, thresholds: Thresholds): HeadedFinding[] {
  const { name, path, notAfter, isCa, external } = certificate;
  const what = `${name} on ${node.name} (${path})`;
  const broken = (kind: 'missing' | 'unreadable', problem: string): HeadedFinding[] => [
    {
      ...{ kind, node: node.name, certificate: name, path, renewable: false },
      message: `${what} ${problem}.`,
      heading: RUNBOOK_OF_FINDING[kind],
    },
  ];
  if (certificate.missing) {
    // kubeadm makes super-admin.conf on the first control plane alone and says itself that it may be removed.
    if (name === 'super-admin.conf' || external || node.isEtcdNode) return [];
    return broken(
      'missing',
      'is missing: restore it from a backup, or make it anew with kubeadm init phase certs or kubeconfig',
    );
  }
  const secondsLeft = secondsUntil(notAfter, thresholds.now);
  if (certificate.unreadable !== undefined || notAfter === undefined || secondsLeft === undefined) {
    const reason = shorten(certificate.unreadable ?? `its end is ${notAfter ?? 'unknown'}`, 120);
    return broken(
      'unreadable',
      `cannot be read (${reason}): restore it from a backup, or make it anew with kubeadm init phase`,
    );
  }
  if (secondsLeft > 0 && secondsLeft >= (isCa ? thresholds.caDays : thresholds.leafDays) * DAY) return [];
  const expired = secondsLeft <= 0;
  const { renewable, advice, heading } = whatMendsIt(certificate, node.name, expired, node.isEtcdNode);
  return [
    {
      kind: isCa ? (expired ? 'ca-expired' : 'ca-expiring') : expired ? 'expired' : 'expiring',
      ...{ node: node.name, certificate: name, path, notAfter, secondsLeft, renewable, heading },
      message: `${what} ${expiry(secondsLeft, notAfter)}; ${advice}.`,
    },
  ];
}

export interface NodeToAssess {
  name: string;
  /** An etcd node that is no control plane: most of kubeadm's certificates are not there, and renew-certificates never goes there. */
  isEtcdNode: boolean;
  inventory: CertificateInventory;
}

export interface Thresholds {
  now: Date;
  leafDays: number;
  caDays: number;
}

/** A finding with the runbook heading that says more than its sentence can. */
export type HeadedFinding = Finding & { heading: string };
