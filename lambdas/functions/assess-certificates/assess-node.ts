import { RUNBOOK_OF_FINDING } from '../../contracts/runbook';
import type { CertificateOnDisk, CertificateServed } from '../../contracts/node-steps';
import { shorten } from '../../domain/text/plain-text';
import { expiry, secondsUntil } from '../../domain/text/time-left';
import { whatFixesIt, KUBELET_SERVING } from './what-renewal-fixes';
import { assessOrigin, type NodeWithInventory } from './belongs-here';
import { assessBeginning } from './not-yet-valid';
import type { Finding } from '../../contracts/certificate-check';
import { sameSerial } from '../../domain/certificates/is-renewed';
import { thresholdOf } from '../../domain/certificates/threshold';
import { predictGains } from '../../domain/certificates/predict-gains';

/**
 * Everything on this node that somebody has to see to.
 * @param nodes every node that answered
 */
export function assessNode(node: NodeToAssess, thresholds: Thresholds, nodes: NodeWithInventory[]): HeadedFinding[] {
  const gains = predictGains(node.inventory, false, thresholds.now);
  const leftAlone = new Map(gains.leftAlone.map(({ name, reason }) => [name, reason]));
  const onDisk = node.inventory.certificates.flatMap((certificate) =>
    assessOnDisk(certificate, node, thresholds, nodes, leftAlone.get(certificate.name)),
  );
  const curable = onDisk.some(({ kind, renewable }) => kind === 'expired' && renewable);
  const served = node.inventory.served.flatMap((port) => assessServed(port, node, thresholds, curable));
  return [...onDisk, ...served];
}

function assessOnDisk(
  certificate: CertificateOnDisk,
  node: NodeToAssess,
  thresholds: Thresholds,
  nodes: NodeWithInventory[],
  leftAlone: string | undefined,
): HeadedFinding[] {
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
  // Of a CA that nothing needs a note tells (unused-authorities.ts).
  if (certificate.unused) return [];
  const origin = [
    ...assessOrigin(certificate, node.name, nodes),
    ...assessBeginning(certificate, node, thresholds),
  ].map((finding): HeadedFinding => ({ ...finding, heading: RUNBOOK_OF_FINDING[finding.kind] }));
  const threshold = thresholdOf(certificate, isCa ? thresholds.caDays : thresholds.leafDays);
  if (secondsLeft > 0 && secondsLeft >= threshold.seconds) return origin;
  const expired = secondsLeft <= 0;
  const { renewable, advice, heading } = whatFixesIt(certificate, node.name, expired, node, leftAlone);
  return [
    ...origin,
    {
      kind: isCa ? (expired ? 'ca-expired' : 'ca-expiring') : expired ? 'expired' : 'expiring',
      ...{ node: node.name, certificate: name, path, notAfter, secondsLeft, renewable, heading },
      message: `${what} ${expiry(secondsLeft, notAfter, thresholds.timeZone)}${expired ? '' : `, under ${threshold.words}`}; ${advice}.`,
    },
  ];
}

export interface NodeToAssess extends NodeWithInventory {
  /** An etcd node that is no control plane: most of kubeadm's certificates are not there. */
  isEtcdNode: boolean;
  /** The cluster has an external etcd that renew-certificates renews. */
  renewsEtcd: boolean;
}

export interface Thresholds {
  now: Date;
  leafDays: number;
  caDays: number;
  /** In which people read the cluster's times. */
  timeZone: string;
}

/** A finding with the runbook heading that says more than its sentence can. */
export type HeadedFinding = Finding & { heading: string };

/**
 * What a port of the node presents, against what is on its disk.
 * @param hasExpired renewable certificates of this node have expired, which explains a port that is silent
 */
export function assessServed(
  port: CertificateServed,
  node: NodeToAssess,
  limits: Thresholds,
  hasExpired: boolean,
): HeadedFinding[] {
  const onDisk = node.inventory.certificates.find(({ name }) => name === port.certificate);
  if (port.error !== undefined || port.serial === undefined) return [notListening(port, onDisk, node, hasExpired)];
  if (onDisk?.serial !== undefined && !sameSerial(onDisk.serial, port.serial)) {
    return [notServed(port, onDisk, node, limits)];
  }
  const secondsLeft = secondsUntil(port.notAfter, limits.now);
  // The same certificate was judged on disk already; others live in memory alone.
  if (port.notAfter === undefined || secondsLeft === undefined || port.notAfter === onDisk?.notAfter) return [];
  const expired = secondsLeft <= 0;
  // When it began is not known: nothing shortens the threshold of the settings.
  const threshold = thresholdOf({ name: port.certificate }, limits.leafDays);
  if (!expired && secondsLeft >= threshold.seconds) return [];
  const remedy = whatFixesIt(onDisk ?? { name: port.certificate }, node.name, expired, node);
  return [
    {
      kind: expired ? 'expired' : 'expiring',
      ...which(port, onDisk, node),
      ...{ notAfter: port.notAfter, secondsLeft, renewable: remedy.renewable, heading: remedy.heading },
      message: `${port.certificate} as served on ${where(port, node)} ${expiry(secondsLeft, port.notAfter, limits.timeZone)}${expired ? '' : `, under ${threshold.words}`}; ${remedy.advice}.`,
    },
  ];
}

function notListening(
  port: CertificateServed,
  onDisk: CertificateOnDisk | undefined,
  node: NodeToAssess,
  hasExpired: boolean,
): HeadedFinding {
  const isKubelet = port.certificate === KUBELET_SERVING;
  const renewable = hasExpired && !isKubelet && !node.isEtcdNode;
  const advice = renewable
    ? 'certificates of this node have expired, which may be why: renew-certificates renews them and restarts it'
    : `look at ${isKubelet ? 'systemctl status kubelet' : 'crictl ps -a and crictl logs'} on ${node.name}`;
  const reason = shorten(port.error ?? 'there was a handshake without a certificate', 120);
  return {
    kind: 'not-listening',
    ...which(port, onDisk, node),
    renewable,
    message: `${where(port, node)} shows no certificate (${reason}); ${advice}.`,
    heading: RUNBOOK_OF_FINDING['not-listening'],
  };
}

function notServed(
  port: CertificateServed,
  onDisk: CertificateOnDisk,
  node: NodeToAssess,
  { now, timeZone }: Thresholds,
): HeadedFinding {
  const isKubelet = port.certificate === KUBELET_SERVING;
  const renewable = !isKubelet && !onDisk.external && !node.isEtcdNode;
  const advice = renewable
    ? 'renew-certificates restarts it'
    : `restart ${isKubelet ? 'the kubelet' : 'what listens there'} on ${node.name}`;
  const secondsLeft = secondsUntil(port.notAfter, now);
  const end =
    port.notAfter !== undefined && secondsLeft !== undefined ? { notAfter: port.notAfter, secondsLeft } : undefined;
  const old = end ? `one that ${expiry(end.secondsLeft, end.notAfter, timeZone)}` : 'another one';
  return {
    kind: 'not-served',
    ...which(port, onDisk, node),
    ...end,
    renewable,
    message: `${where(port, node)} does not serve the ${port.certificate} certificate on disk but ${old}: it was not restarted after the renewal; ${advice}.`,
    heading: RUNBOOK_OF_FINDING['not-served'],
  };
}

function which(
  port: CertificateServed,
  onDisk: CertificateOnDisk | undefined,
  node: NodeToAssess,
): Pick<Finding, 'node' | 'certificate' | 'path'> {
  return { node: node.name, certificate: port.certificate, ...(onDisk ? { path: onDisk.path } : {}) };
}

function where(port: CertificateServed, node: NodeToAssess): string {
  return `port ${port.port} of ${node.name}`;
}
