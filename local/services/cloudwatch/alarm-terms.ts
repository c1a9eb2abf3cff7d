import type { MetricId, MetricStore, Statistic } from './metric-store';
import { STATISTICS, statisticOf } from './metric-store';
import { invalid, readDimensions } from './read-metric-data';

/** What an alarm watches: one metric, or the sum of several (`e0 + e1`), the only metric math that there is here. */
export interface AlarmTerms {
  terms: { metric: MetricId; statistic: Statistic }[];
  periodSeconds: number;
}

type Raw = Record<string, unknown>;
interface Query {
  Id?: string;
  Expression?: string;
  MetricStat?: { Metric: Raw; Period: number; Stat: string };
  ReturnData?: boolean;
}

/** Reads MetricName and its fellows, or Metrics, of PutMetricAlarm's input. */
export function readAlarmTerms(input: Raw, where: string): AlarmTerms {
  const { Metrics: queries } = input as { Metrics?: Query[] };
  if (!queries)
    return { terms: [readTerm(input, input['Statistic'], where)], periodSeconds: readPeriod(input['Period'], where) };
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  if (returned.length !== 1)
    throw invalid(`${where}: exactly one of Metrics must return data, not ${returned.length}.`);
  const [{ Expression: expression, Id: id }] = returned as [Query];
  const summands = expression === undefined ? [id!] : readSum(expression, where);
  const stats = summands.map((summand) => {
    const stat = queries.find(({ Id }) => Id === summand)?.MetricStat;
    if (!stat) throw invalid(`${where}: ${summand} must be one of Metrics with a MetricStat.`);
    return stat;
  });
  const periods = new Set(stats.map(({ Period }) => Period));
  if (periods.size !== 1)
    throw invalid(`${where}: all of Metrics must have the same Period, not ${[...periods].join(', ')}.`);
  return {
    terms: stats.map(({ Metric, Stat }) => readTerm(Metric, Stat, where)),
    periodSeconds: readPeriod(stats[0]!.Period, where),
  };
}

function readSum(expression: string, where: string): string[] {
  if (!/^\s*\w+(\s*\+\s*\w+)*\s*$/.test(expression)) {
    throw invalid(`${where}: the local AWS knows no metric math but sums such as "e0 + e1", not "${expression}".`);
  }
  return expression.split('+').map((id) => id.trim());
}

function readTerm(metric: Raw, statistic: unknown, where: string): AlarmTerms['terms'][number] {
  if (!STATISTICS.includes(statistic as Statistic)) {
    throw invalid(`${where}: the statistic must be one of ${STATISTICS.join(', ')}, not ${String(statistic)}.`);
  }
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = metric;
  return {
    metric: { namespace: String(namespace), name: String(name), dimensions: readDimensions(dimensions, where) },
    statistic: statistic as Statistic,
  };
}

function readPeriod(period: unknown, where: string): number {
  if (typeof period === 'number' && ([10, 20, 30].includes(period) || (period > 0 && period % 60 === 0))) return period;
  throw invalid(`${where}: Period must be 10, 20, 30 or a multiple of 60, not ${String(period)}.`);
}

/** The value in start <= time < end. As in CloudWatch, a sum has a value only where each of its metrics has one. */
export function valueOf({ terms }: AlarmTerms, store: MetricStore, start: Date, end: Date): number | undefined {
  const values = terms.map(({ metric, statistic }) => statisticOf(store.between(metric, start, end), statistic));
  return values.reduce((sum, value) => (sum === undefined || value === undefined ? undefined : sum + value));
}
