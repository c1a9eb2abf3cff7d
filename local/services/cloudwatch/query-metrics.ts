import type { AwsOutput } from '../../aws/aws-call';
import type { MetricStore, Statistic } from './metric-store';
import { byPeriod, STATISTICS, statisticOf } from './metric-store';
import { invalid, readDimensions } from './read-metric-data';

type Input = Record<string, unknown>;

export function getMetricStatistics(store: MetricStore, input: Input): AwsOutput {
  const {
    Namespace: namespace,
    MetricName: name,
    Dimensions: dimensions,
    StartTime: start,
    EndTime: end,
    Period: period,
  } = input;
  const statistics = ((input['Statistics'] ?? []) as string[]).map(readStatistic);
  if (input['ExtendedStatistics'] !== undefined)
    throw invalid('ExtendedStatistics (percentiles) are not supported by the local AWS.');
  if (!statistics.length) throw invalid('The parameter Statistics is required.');
  const id = {
    namespace: String(namespace),
    name: String(name),
    dimensions: readDimensions(dimensions, 'GetMetricStatistics'),
  };
  return {
    Label: name,
    Datapoints: byPeriod(store.between(id, start as Date, end as Date), period as number).map((period) => ({
      Timestamp: period.start,
      ...Object.fromEntries(statistics.map((statistic) => [statistic, statisticOf(period.data, statistic)])),
      Unit: period.data[0]?.unit ?? 'None',
    })),
  };
}

export function getMetricData(store: MetricStore, input: Input): AwsOutput {
  const newestFirst = input['ScanBy'] !== 'TimestampAscending';
  const queries = (input['MetricDataQueries'] ?? []) as Input[];
  const results = queries
    .filter(({ ReturnData: returned }) => returned !== false)
    .map((query) => {
      const { Metric: metric, Period: period, Stat: stat } = readMetricStat(query);
      const id = {
        namespace: String(metric['Namespace']),
        name: String(metric['MetricName']),
        dimensions: readDimensions(metric['Dimensions'], `The query ${String(query['Id'])}`),
      };
      const periods = byPeriod(store.between(id, input['StartTime'] as Date, input['EndTime'] as Date), period);
      if (newestFirst) periods.reverse();
      return {
        Id: query['Id'],
        Label: query['Label'] ?? id.name,
        Timestamps: periods.map(({ start }) => start),
        Values: periods.map(({ data }) => statisticOf(data, stat)),
        StatusCode: 'Complete',
      };
    });
  return { MetricDataResults: results, Messages: [] };
}

function readMetricStat(query: Input): { Metric: Input; Period: number; Stat: Statistic } {
  const stat = query['MetricStat'] as { Metric: Input; Period: number; Stat: string } | undefined;
  if (!stat)
    throw invalid(
      `The query ${String(query['Id'])} has no MetricStat: metric math and SQL are not supported by the local AWS.`,
    );
  return { ...stat, Stat: readStatistic(stat.Stat) };
}

function readStatistic(name: string): Statistic {
  if (!(STATISTICS as readonly string[]).includes(name))
    throw invalid(`The statistic must be one of ${STATISTICS.join(', ')}, not ${name}.`);
  return name as Statistic;
}
