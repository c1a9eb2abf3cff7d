import { smallestExpiry, type Expiry } from './expiries';
import { daysLeft } from '../text/time-left';

/** One CloudWatch metric value; dimensions in the order given. */
export interface Metric {
  name: 'DaysToExpiry' | 'SmallestDaysToExpiry' | 'SmallestCaDaysToExpiry' | 'NodesNotChecked';
  dimensions: Record<string, string>;
  value: number;
}

/** The metrics of a cluster: for each certificate the least time left on any node, the least of all leaves and of all CAs. */
export function certificateMetrics(cluster: string, expiries: Expiry[], nodesNotChecked: number): Metric[] {
  const byCertificate = Map.groupBy(expiries, ({ certificate }) => certificate);
  const metrics: Metric[] = [...byCertificate].map(([certificate, all]) => ({
    name: 'DaysToExpiry',
    dimensions: { Cluster: cluster, Certificate: certificate },
    value: daysLeft(smallestExpiry(all)?.secondsLeft ?? 0),
  }));
  const leaf = smallestExpiry(expiries.filter(({ isCa }) => !isCa));
  const ca = smallestExpiry(expiries.filter(({ isCa }) => isCa));
  const dimensions = { Cluster: cluster };
  if (leaf) metrics.push({ name: 'SmallestDaysToExpiry', dimensions, value: daysLeft(leaf.secondsLeft) });
  if (ca) metrics.push({ name: 'SmallestCaDaysToExpiry', dimensions, value: daysLeft(ca.secondsLeft) });
  metrics.push({ name: 'NodesNotChecked', dimensions, value: nodesNotChecked });
  return metrics;
}
