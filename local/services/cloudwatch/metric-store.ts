/** One metric: namespace, name and the exact set of dimensions. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** What was put at one moment: raw values are a datum with count 1. */
export interface Datum {
  time: Date;
  sum: number;
  minimum: number;
  maximum: number;
  count: number;
  unit?: string;
}

export const STATISTICS = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'] as const;
export type Statistic = (typeof STATISTICS)[number];

const keyOf = ({ namespace, name, dimensions }: MetricId) =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

export class MetricStore {
  private readonly metrics = new Map<string, { id: MetricId; data: Datum[] }>();

  put(id: MetricId, datum: Datum): void {
    const metric = this.metrics.get(keyOf(id)) ?? { id, data: [] };
    this.metrics.set(keyOf(id), metric);
    metric.data.push(datum);
  }

  list(): MetricId[] {
    return [...this.metrics.values()].map(({ id }) => id);
  }

  /** Data with start <= time < end. */
  between(id: MetricId, start: Date, end: Date): Datum[] {
    return (this.metrics.get(keyOf(id))?.data ?? []).filter(({ time }) => time >= start && time < end);
  }
}

/** Undefined when there are no data. */
export function statisticOf(data: Datum[], statistic: Statistic): number | undefined {
  if (!data.length) return undefined;
  const sum = data.reduce((total, datum) => total + datum.sum, 0);
  const count = data.reduce((total, datum) => total + datum.count, 0);
  switch (statistic) {
    case 'Average':
      return sum / count;
    case 'Sum':
      return sum;
    case 'Minimum':
      return Math.min(...data.map(({ minimum }) => minimum));
    case 'Maximum':
      return Math.max(...data.map(({ maximum }) => maximum));
    case 'SampleCount':
      return count;
  }
}

/** Data by period, oldest first; periods begin at multiples of their length, and empty ones are left out. */
export function byPeriod(data: Datum[], periodSeconds: number): { start: Date; data: Datum[] }[] {
  const length = periodSeconds * 1000;
  const starts = [...new Set(data.map(({ time }) => Math.floor(time.getTime() / length) * length))].sort(
    (a, b) => a - b,
  );
  return starts.map((start) => ({
    start: new Date(start),
    data: data.filter(({ time }) => Math.floor(time.getTime() / length) * length === start),
  }));
}
