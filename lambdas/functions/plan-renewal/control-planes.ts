import { byName, type ControlPlane, type Answer } from '../../domain/nodes/answers';
import type { CertificateOnDisk, ControlPlaneFacts } from '../../contracts/node-steps';
import { certificateExpiries, smallestExpiry, type Expiry } from '../../domain/certificates/expiries';
import { isRenewed, sameSerial } from '../../domain/certificates/is-renewed';
import { dateUtc } from '../../domain/text/time-left';

/** Its API server or its etcd member does not work: restarting it takes nothing away. */
export function isDown({ value }: ControlPlane): boolean {
  return !value.health.apiServer.ok || (value.etcd.topology === 'stacked' && !value.etcd.healthy);
}

/**
 * The order in which control planes are renewed: first those that are down, so that the others are restarted only once all work
 * again; etcd's leader last, so that it is elected once and not at every step; before it those where a renewal was cut off; else by name.
 */
export function orderControlPlanes(nodes: ControlPlane[]): ControlPlane[] {
  const rank = (node: ControlPlane) => {
    if (isDown(node)) return 0;
    if (node.value.etcd.leader) return 3;
    return node.value.renewal.unfinished ? 1 : 2;
  };
  return [...nodes].sort((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** The action of every step of its plans. */
export const RENEW = 'renew certificates';
const HOUR_MS = 3_600_000;

/** Why this control plane is renewed, in half a sentence; undefined when it was renewed within the hour and serves what it has. */
export function whyRenew({ value }: Answer<ControlPlaneFacts>, force: boolean, now: Date): string | undefined {
  if (value.renewal.unfinished) return 'an earlier renewal was cut off';
  const others = notServed(value);
  if (others.length > 0) return `it does not serve the certificates on disk (${others.join(', ')})`;
  if (!force && renewedWithinTheHour(value, now)) return undefined;
  const smallest = value.inventory && smallestExpiry(renewed(value, now));
  if (!smallest) return 'renewal was asked for';
  const end = dateUtc(smallest.notAfter);
  return smallest.secondsLeft <= 0
    ? `${smallest.certificate} expired on ${end}`
    : `${smallest.certificate} runs out on ${end}`;
}

/** By the node's own clock, which wrote the time of the renewal. */
function renewedWithinTheHour({ renewal, inventory }: ControlPlaneFacts, now: Date): boolean {
  if (renewal.finishedAt === undefined) return false;
  const nodeNow = inventory ? Date.parse(inventory.checkedAt) : now.getTime();
  const age = nodeNow - Date.parse(renewal.finishedAt);
  return age >= 0 && age < HOUR_MS;
}

/** Names of certificates, not the kubelet's, whose port serves another one, or nothing, although one is on disk. */
export function notServed({ inventory }: ControlPlaneFacts): string[] {
  const names = (inventory?.served ?? []).flatMap((port) => {
    const onDisk = inventory?.certificates.find(({ name }) => name === port.certificate);
    if (!onDisk?.serial || port.certificate === 'kubelet-serving') return [];
    return port.serial !== undefined && sameSerial(onDisk.serial, port.serial) ? [] : [port.certificate];
  });
  return [...new Set(names)].sort();
}

/**
 * Whether one of the certificates that the renewal renews, on disk or served, has less left.
 * @param seconds of the certificate; what is known of it on disk
 */
export function runsOutWithin(
  { value }: Answer<ControlPlaneFacts>,
  seconds: (certificate: Pick<CertificateOnDisk, 'name'> & Partial<CertificateOnDisk>) => number,
  now: Date,
): boolean {
  const rowOf = new Map(value.inventory?.certificates.map((row) => [row.name, row]));
  return renewed(value, now).some(
    ({ certificate, secondsLeft }) => secondsLeft < seconds(rowOf.get(certificate) ?? { name: certificate }),
  );
}

/** When each certificate that the renewal makes anew runs out. */
function renewed({ node, inventory }: ControlPlaneFacts, now: Date): Expiry[] {
  if (!inventory) return [];
  const rowOf = new Map(inventory.certificates.map((row) => [row.name, row]));
  return certificateExpiries(node, inventory, now).filter(({ certificate }) =>
    isRenewed(rowOf.get(certificate) ?? { name: certificate }),
  );
}

/** True where the node is down and expired or not served certificates explain it: the renewal brings it back. */
export function isRepairedByRenewal({ value }: Answer<ControlPlaneFacts>, now: Date): boolean {
  if (value.renewal.unfinished) return true;
  return notServed(value).length > 0 || renewed(value, now).some(({ secondsLeft }) => secondsLeft <= 0);
}
