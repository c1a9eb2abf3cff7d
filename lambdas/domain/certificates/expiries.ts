import type { CertificateInventory } from '../../contracts/node-steps';
import { secondsUntil } from '../text/time-left';

/** When a certificate of a node runs out, on disk or as a port serves it, whichever is earlier. */
export interface Expiry {
  node: string;
  certificate: string;
  isCa: boolean;
  notAfter: string;
  /** Negative once it has expired. */
  secondsLeft: number;
}

/** One entry for each certificate of the node whose end is known. What is served counts: a renewed file helps nobody by itself. */
export function certificateExpiries(node: string, inventory: CertificateInventory, now: Date): Expiry[] {
  const earliest = new Map<string, Expiry>();
  const see = (certificate: string, isCa: boolean, notAfter: string | undefined) => {
    const secondsLeft = secondsUntil(notAfter, now);
    if (notAfter === undefined || secondsLeft === undefined) return;
    const known = earliest.get(certificate);
    if (!known || secondsLeft < known.secondsLeft)
      earliest.set(certificate, { node, certificate, isCa, notAfter, secondsLeft });
  };
  for (const { name, isCa, notAfter } of inventory.certificates) see(name, isCa ?? false, notAfter);
  for (const { certificate, notAfter } of inventory.served) see(certificate, false, notAfter);
  return [...earliest.values()];
}

/** The one with the least time left; among equals the first by node and certificate. */
export function smallestExpiry(expiries: Expiry[]): Expiry | undefined {
  return [...expiries].sort(
    (a, b) => a.secondsLeft - b.secondsLeft || compare(a.node, b.node) || compare(a.certificate, b.certificate),
  )[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
