import type { ClusterConfig } from '../../contracts/cluster-config';
import type { CertificateInventory } from '../../contracts/node-steps';
import { thresholdOf } from './threshold';
import { isKnown } from './is-renewed';
import { secondsUntil, daysLeft } from '../text/time-left';

/** When a certificate of a node runs out, on disk or as a port serves it, whichever is earlier. */
export interface Expiry {
  node: string;
  certificate: string;
  isCa: boolean;
  /** Of a file; of what a port serves it is not known. */
  notBefore?: string | undefined;
  notAfter: string;
  /** Negative once it has expired. */
  secondsLeft: number;
}

/** One entry for each certificate of the node whose end is known. What is served counts: a renewed file helps nobody by itself. */
export function certificateExpiries(node: string, inventory: CertificateInventory, now: Date): Expiry[] {
  const earliest = new Map<string, Expiry>();
  const see = (certificate: string, isCa: boolean, notAfter: string | undefined, notBefore?: string) => {
    const secondsLeft = secondsUntil(notAfter, now);
    if (notAfter === undefined || secondsLeft === undefined) return;
    const known = earliest.get(certificate);
    if (!known || secondsLeft < known.secondsLeft)
      earliest.set(certificate, { node, certificate, isCa, notBefore, notAfter, secondsLeft });
  };
  for (const { name, isCa, notAfter, notBefore, unused } of inventory.certificates)
    if (!unused) see(name, isCa ?? false, notAfter, notBefore);
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

/** One CloudWatch metric value; dimensions in the order given. */
export interface Metric {
  name:
    | 'DaysToExpiry'
    | 'SmallestDaysToExpiry'
    | 'SmallestCaDaysToExpiry'
    | 'CertificatesDue'
    | 'CasDue'
    | 'NodesNotChecked'
    | 'ApiServerMinor'
    | 'KubeletMinorsBehind';
  dimensions: Record<string, string>;
  value: number;
}

/**
 * The metrics of a cluster: for each certificate with a name that we know, because each custom metric costs money, the least time left on any
 * node; the least of all leaves and of all CAs, whatever their names, and how many of them are under the threshold of the cluster's settings or
 * of their own lifetime.
 */
export function certificateMetrics(config: ClusterConfig, expiries: Expiry[], nodesNotChecked: number): Metric[] {
  const { cluster, certificates } = config;
  const byCertificate = Map.groupBy(
    expiries.filter(({ certificate }) => isKnown(certificate)),
    ({ certificate }) => certificate,
  );
  const metrics: Metric[] = [...byCertificate].map(([certificate, all]) => ({
    name: 'DaysToExpiry',
    dimensions: { Cluster: cluster, Certificate: dimensionValue(certificate) },
    value: daysLeft(smallestExpiry(all)?.secondsLeft ?? 0),
  }));
  const [cas, leaves] = [expiries.filter(({ isCa }) => isCa), expiries.filter(({ isCa }) => !isCa)];
  const [leaf, ca] = [smallestExpiry(leaves), smallestExpiry(cas)];
  const dimensions = { Cluster: cluster };
  const due = (some: Expiry[], days: number) =>
    some.filter((one) => one.secondsLeft < thresholdOf({ ...one, name: one.certificate }, days).seconds).length;
  if (leaf) {
    metrics.push({ name: 'SmallestDaysToExpiry', dimensions, value: daysLeft(leaf.secondsLeft) });
    metrics.push({ name: 'CertificatesDue', dimensions, value: due(leaves, certificates.thresholdDays) });
  }
  if (ca) {
    metrics.push({ name: 'SmallestCaDaysToExpiry', dimensions, value: daysLeft(ca.secondsLeft) });
    metrics.push({ name: 'CasDue', dimensions, value: due(cas, certificates.caThresholdDays) });
  }
  metrics.push({ name: 'NodesNotChecked', dimensions, value: nodesNotChecked });
  return metrics;
}

/** CloudWatch takes at most 255 characters of ASCII; a user of a kubeconfig may have any name. */
const dimensionValue = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 255);
