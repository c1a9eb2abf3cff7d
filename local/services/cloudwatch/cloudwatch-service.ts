import type { AwsAction, AwsDoor, AwsOutput, AwsService } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import { paginate } from '../../aws/paginate';
import type { BusEvent } from '../../eventbridge/bus-event';
import { Alarms } from './alarms';
import { executionMetrics } from './execution-metrics';
import { MetricStore } from './metric-store';
import { getMetricData, getMetricStatistics } from './query-metrics';
import { readMetricData } from './read-metric-data';

type Input = Record<string, unknown>;

export class CloudWatchService implements AwsService {
  readonly name = 'cloudwatch';
  private readonly store = new MetricStore();
  private readonly alarms: Alarms;
  private readonly dashboards = new Map<string, string>();

  constructor(
    door: AwsDoor,
    private readonly clock: Clock,
  ) {
    this.alarms = new Alarms(this.store, door);
  }

  readonly actions: Record<string, AwsAction> = {
    PutMetricData: {
      permissions: ({ Namespace: namespace }) => [
        {
          action: 'cloudwatch:PutMetricData',
          resource: '*',
          conditionKeys: { 'cloudwatch:namespace': String(namespace) },
        },
      ],
      run: (input) => this.putMetricData(input),
    },
    GetMetricStatistics: { run: async (input) => getMetricStatistics(this.store, input) },
    GetMetricData: { run: async (input) => getMetricData(this.store, input) },
    ListMetrics: { run: async (input) => this.listMetrics(input) },
    PutMetricAlarm: { run: async (input) => (this.alarms.put(input, this.clock.now()), {}) },
    DescribeAlarms: { run: (input) => this.describeAlarms(input) },
    DeleteAlarms: { run: async ({ AlarmNames: names = [] }) => (this.alarms.delete(names as string[]), {}) },
    PutDashboard: { run: async (input) => this.putDashboard(input) },
    GetDashboard: { run: async (input) => this.getDashboard(input) },
    ListDashboards: {
      run: async () => ({ DashboardEntries: [...this.dashboards.keys()].map((name) => ({ DashboardName: name })) }),
    },
  };

  /** Metrics that AWS services put themselves, as far as alarms of the app look at them: how executions ended. */
  async observe(event: BusEvent): Promise<void> {
    const now = this.clock.now();
    const metrics = executionMetrics(event);
    for (const { id, value } of metrics)
      this.store.put(id, { time: now, sum: value, minimum: value, maximum: value, count: 1 });
    if (metrics.length) await this.alarms.evaluate(now);
  }

  private async putMetricData(input: Input): Promise<AwsOutput> {
    const now = this.clock.now();
    for (const { id, data } of readMetricData(input, now)) for (const datum of data) this.store.put(id, datum);
    await this.alarms.evaluate(now);
    return {};
  }

  private listMetrics({
    Namespace: namespace,
    MetricName: name,
    Dimensions: filters = [],
    NextToken: token,
  }: Input): AwsOutput {
    const found = this.store
      .list()
      .filter((metric) => namespace === undefined || metric.namespace === namespace)
      .filter((metric) => name === undefined || metric.name === name)
      .filter((metric) =>
        (filters as { Name: string; Value?: string }[]).every(
          ({ Name: key, Value: value }) =>
            key in metric.dimensions && (value === undefined || metric.dimensions[key] === value),
        ),
      );
    const { items, NextToken } = paginate(found, 500, token as string | undefined);
    return {
      Metrics: items.map((metric) => ({
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
      ...(NextToken && { NextToken }),
    };
  }

  private async describeAlarms(input: Input): Promise<AwsOutput> {
    const {
      AlarmNames: names,
      AlarmNamePrefix: prefix,
      StateValue: state,
      MaxRecords: most = 50,
      NextToken: token,
    } = input;
    await this.alarms.evaluate(this.clock.now());
    const found = this.alarms.describe(
      (alarm) =>
        (names === undefined || (names as string[]).includes(alarm.name)) &&
        (prefix === undefined || alarm.name.startsWith(String(prefix))) &&
        (state === undefined || alarm.state === state),
    );
    const { items, NextToken } = paginate(found, most as number, token as string | undefined);
    return { MetricAlarms: items, CompositeAlarms: [], ...(NextToken && { NextToken }) };
  }

  private putDashboard({ DashboardName: name, DashboardBody: body }: Input): AwsOutput {
    try {
      JSON.parse(String(body));
    } catch (error) {
      throw new AwsError(
        'InvalidParameterInput',
        `The dashboard ${String(name)} is not JSON: ${(error as Error).message}`,
      );
    }
    this.dashboards.set(String(name), String(body));
    return { DashboardValidationMessages: [] };
  }

  private getDashboard({ DashboardName: name }: Input): AwsOutput {
    const body = this.dashboards.get(String(name));
    if (body === undefined) throw new AwsError('ResourceNotFound', `Dashboard ${String(name)} does not exist`, 404);
    return { DashboardName: name, DashboardBody: body };
  }
}
