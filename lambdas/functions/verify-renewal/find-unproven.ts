import type { CertificateOnDisk, ControlPlaneFacts } from '../../contracts/node-steps';
import { isRenewed, sameSerial } from '../../domain/certificates/is-renewed';
import { shorten } from '../../domain/text/plain-text';

const YEAR_MS = 365 * 86_400_000;

/**
 * What speaks against the renewal of one node having worked, as sentences; empty when it is proven.
 * kubeadm's exit code is not believed: it is 0 also where it renewed nothing.
 * @param leftAlone certificates that the plan left as they are
 */
export function findUnproven(
  node: string,
  before: ControlPlaneFacts | undefined,
  after: ControlPlaneFacts,
  force: boolean,
  leftAlone: string[],
  now: Date,
): string[] {
  return [
    ...notRenewed(node, before, after, force, leftAlone, now),
    ...notServed(node, after),
    ...notHealthy(node, after),
  ];
}

function notRenewed(
  node: string,
  before: ControlPlaneFacts | undefined,
  after: ControlPlaneFacts,
  force: boolean,
  leftAlone: string[],
  now: Date,
): string[] {
  if (after.renewal.unfinished) return [`the renewal of ${node} did not finish`];
  if (!after.inventory) return [`${node} did not list its certificates`];
  const { certificates } = after.inventory;
  const there = new Set(certificates.filter(({ missing }) => !missing).map(({ name }) => name));
  const gone = (before?.inventory?.certificates ?? [])
    .filter((old) => isRenewed(old) && old.serial !== undefined && !there.has(old.name))
    .map(({ name }) => `${name} on ${node} is gone`);
  const mayStay = force ? () => false : gainsNothing(before, certificates, now);
  const problems = certificates.filter(isRenewed).flatMap(({ name, serial, notAfter, unreadable }) => {
    if (serial === undefined || notAfter === undefined || unreadable !== undefined)
      return [`${name} on ${node} cannot be read`];
    if (Date.parse(notAfter) <= now.getTime()) return [`${name} on ${node} expired on ${notAfter}`];
    const old = before?.inventory?.certificates.find((certificate) => certificate.name === name);
    if (old?.serial === undefined || old.notAfter === undefined) return [];
    // A renewal that was cut off before had already written some of the new files.
    if (before?.renewal.unfinished && sameSerial(old.serial, serial)) return [];
    if (sameSerial(old.serial, serial) && (leftAlone.includes(name) || mayStay(notAfter))) return [];
    if (sameSerial(old.serial, serial)) return [`${name} on ${node} still has serial ${shorten(serial, 40)}`];
    return force || Date.parse(notAfter) >= Date.parse(old.notAfter)
      ? []
      : [`${name} on ${node} ends on ${notAfter}, before the old one (${old.notAfter})`];
  });
  return [...gone, ...problems];
}

/**
 * Whether a certificate that ends then is rightly left as it was, because a new one would have ended earlier: as those do that were
 * renewed. Where none was, as kubeadm's own do, which are valid for a year unless the cluster says otherwise.
 */
function gainsNothing(
  before: ControlPlaneFacts | undefined,
  after: CertificateOnDisk[],
  now: Date,
): (notAfter: string) => boolean {
  const old = new Map(before?.inventory?.certificates.map(({ name, serial }) => [name, serial]));
  const renewed = after.filter((certificate) => {
    const serial = old.get(certificate.name);
    return isRenewed(certificate) && serial && certificate.serial && !sameSerial(serial, certificate.serial);
  });
  const ends = renewed.map(({ notAfter }) => Date.parse(notAfter ?? '')).filter((end) => !Number.isNaN(end));
  const latest = ends.length > 0 ? Math.max(...ends) : now.getTime() + YEAR_MS;
  return (notAfter) => Date.parse(notAfter) > latest;
}

function notServed(node: string, after: ControlPlaneFacts): string[] {
  return (after.inventory?.served ?? []).flatMap(({ port, certificate, serial, error }) => {
    // A renewal does not restart the kubelet.
    if (certificate === 'kubelet-serving') return [];
    if (serial === undefined)
      return [`port ${port} of ${node} shows no certificate (${shorten(error ?? 'no reason given', 100)})`];
    const onDisk = after.inventory?.certificates.find(({ name }) => name === certificate)?.serial;
    return onDisk === undefined || sameSerial(onDisk, serial)
      ? []
      : [`port ${port} of ${node} still serves another ${certificate}`];
  });
}

function notHealthy(node: string, { health, etcd }: ControlPlaneFacts): string[] {
  const ill = Object.entries({
    ...health,
    ...(etcd.topology === 'stacked' ? { etcd: { ok: etcd.healthy, reason: etcd.reason } } : {}),
  })
    .filter(([, { ok }]) => !ok)
    .map(([component, { reason }]) => `${component} (${shorten(reason ?? 'no reason given', 100)})`);
  return ill.length === 0 ? [] : [`${node} is not healthy: ${ill.join(', ')}`];
}
