import type { AwsCall, AwsDoor } from '../../../local/aws/aws-call';
import { Clock } from '../../../local/clock';
import { CloudWatchService } from '../../../local/services/cloudwatch/cloudwatch-service';

const MINUTE = 60_000;

function cloudwatch() {
  const clock = new Clock();
  const published: AwsCall[] = [];
  const door: AwsDoor = { call: async (call) => (published.push(call), {}) };
  const service = new CloudWatchService(door, clock);
  const call = (action: string, input: Record<string, unknown> = {}) =>
    service.actions[action]!.run(input, { principal: 'user' });
  const put = (...values: number[]) =>
    call('PutMetricData', {
      Namespace: 'N',
      MetricData: values.map((Value) => ({ MetricName: 'm', Value, Dimensions: [{ Name: 'Cluster', Value: 'demo' }] })),
    });
  const alarm = (more: Record<string, unknown> = {}) =>
    call('PutMetricAlarm', {
      AlarmName: 'a',
      Namespace: 'N',
      MetricName: 'm',
      Dimensions: [{ Name: 'Cluster', Value: 'demo' }],
      Statistic: 'Minimum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 30,
      ComparisonOperator: 'LessThanThreshold',
      ...more,
    });
  const state = async () => ((await call('DescribeAlarms'))['MetricAlarms'] as { StateValue: string }[])[0]!.StateValue;
  return { service, clock, call, put, alarm, state, published };
}

describe('PutMetricData', () => {
  const day = 24 * 3600 * 1000;
  test.each<[string, Record<string, unknown>, string]>([
    ['a reserved namespace', { Namespace: 'AWS/Own' }, 'reserved'],
    ['a namespace with a blank', { Namespace: 'a b' }, 'Namespace must be'],
    ['no data', { MetricData: [] }, 'MetricData is required'],
    ['1001 metrics', { MetricData: Array(1001).fill({ MetricName: 'm', Value: 1 }) }, 'size greater than 1000'],
    [
      '31 dimensions',
      {
        MetricData: [
          {
            MetricName: 'm',
            Value: 1,
            Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `d${i}`, Value: 'v' })),
          },
        ],
      },
      'more than 30',
    ],
    [
      'an empty dimension value',
      { MetricData: [{ MetricName: 'm', Value: 1, Dimensions: [{ Name: 'd', Value: '' }] }] },
      '1 to 1024 ASCII',
    ],
    [
      'a dimension name with a colon in front',
      { MetricData: [{ MetricName: 'm', Value: 1, Dimensions: [{ Name: ':d', Value: 'v' }] }] },
      'not begin with a colon',
    ],
    ['NaN', { MetricData: [{ MetricName: 'm', Value: NaN }] }, 'no NaN'],
    ['infinity', { MetricData: [{ MetricName: 'm', Value: Infinity }] }, 'no infinity'],
    ['no value', { MetricData: [{ MetricName: 'm' }] }, 'one of Value'],
    ['two kinds of value', { MetricData: [{ MetricName: 'm', Value: 1, Values: [1] }] }, 'one of Value'],
    ['151 values', { MetricData: [{ MetricName: 'm', Values: Array(151).fill(1) }] }, 'more than 150'],
    ['counts that do not fit', { MetricData: [{ MetricName: 'm', Values: [1, 2], Counts: [1] }] }, 'as many items'],
    [
      '15 days ago',
      { MetricData: [{ MetricName: 'm', Value: 1, Timestamp: new Date(Date.now() - 15 * day) }] },
      'last two weeks',
    ],
    [
      '3 hours ahead',
      { MetricData: [{ MetricName: 'm', Value: 1, Timestamp: new Date(Date.now() + 3 * 60 * MINUTE) }] },
      'two hours ahead',
    ],
    ['a name of 256 characters', { MetricData: [{ MetricName: 'x'.repeat(256), Value: 1 }] }, '1 to 255 characters'],
  ])('refuses %s', async (_what, input, message) => {
    const { call } = cloudwatch();
    await expect(
      call('PutMetricData', { Namespace: 'N', MetricData: [{ MetricName: 'm', Value: 1 }], ...input }),
    ).rejects.toThrow(message);
    expect((await call('ListMetrics'))['Metrics']).toEqual([]);
  });

  test('statistics over values with counts and statistic sets', async () => {
    const { call, clock } = cloudwatch();
    const Timestamp = new Date(Math.floor(clock.now().getTime() / MINUTE) * MINUTE);
    const MetricData = [
      { MetricName: 'm', Values: [1, 5], Counts: [3, 1], Timestamp, Unit: 'Count' },
      { MetricName: 'm', StatisticValues: { SampleCount: 2, Sum: 20, Minimum: 8, Maximum: 12 }, Timestamp },
    ];
    await call('PutMetricData', { Namespace: 'N', MetricData });
    const range = { StartTime: Timestamp, EndTime: new Date(Timestamp.getTime() + MINUTE) };
    const Statistics = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'];
    const answer = await call('GetMetricStatistics', {
      Namespace: 'N',
      MetricName: 'm',
      Period: 60,
      Statistics,
      ...range,
    });
    expect(answer['Datapoints']).toEqual([
      { Timestamp, Average: 28 / 6, Sum: 28, Minimum: 1, Maximum: 12, SampleCount: 6, Unit: 'Count' },
    ]);
  });

  test('GetMetricData: by period, newest first unless asked otherwise; math is refused', async () => {
    const { call, clock, put } = cloudwatch();
    const start = clock.now();
    await put(1);
    clock.advance(5 * MINUTE);
    await put(2);
    const MetricStat = {
      Metric: { Namespace: 'N', MetricName: 'm', Dimensions: [{ Name: 'Cluster', Value: 'demo' }] },
      Period: 60,
      Stat: 'Maximum',
    };
    const get = async (more: object) =>
      (
        await call('GetMetricData', {
          MetricDataQueries: [{ Id: 'q', MetricStat }],
          StartTime: start,
          EndTime: new Date(clock.now().getTime() + 1),
          ...more,
        })
      )['MetricDataResults'];
    expect(await get({})).toMatchObject([{ Id: 'q', Values: [2, 1] }]);
    expect(await get({ ScanBy: 'TimestampAscending' })).toMatchObject([{ Values: [1, 2] }]);
    await expect(get({ MetricDataQueries: [{ Id: 'e', Expression: 'a * 2' }] })).rejects.toThrow('metric math');
  });

  test('ListMetrics by dimension', async () => {
    const { call, put } = cloudwatch();
    await put(1);
    const list = async (Dimensions: object[]) =>
      ((await call('ListMetrics', { Dimensions }))['Metrics'] as object[]).length;
    expect(await list([{ Name: 'Cluster' }])).toBe(1);
    expect(await list([{ Name: 'Cluster', Value: 'demo' }])).toBe(1);
    expect(await list([{ Name: 'Cluster', Value: 'prod' }])).toBe(0);
  });
});

describe('alarms', () => {
  test.each<[string, number, string]>([
    ['LessThanThreshold', 29, 'ALARM'],
    ['LessThanThreshold', 30, 'OK'],
    ['LessThanOrEqualToThreshold', 30, 'ALARM'],
    ['GreaterThanThreshold', 30, 'OK'],
    ['GreaterThanThreshold', 31, 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 30, 'ALARM'],
  ])('%s with %d', async (ComparisonOperator, value, expected) => {
    const { alarm, put, state } = cloudwatch();
    await alarm({ ComparisonOperator });
    await put(value);
    expect(await state()).toBe(expected);
  });

  test.each([
    ['missing', 'INSUFFICIENT_DATA'],
    ['notBreaching', 'OK'],
    ['breaching', 'ALARM'],
    ['ignore', 'ALARM'],
  ])('when data end, %s makes it %s', async (TreatMissingData, expected) => {
    const { alarm, put, state, clock } = cloudwatch();
    await alarm({ TreatMissingData });
    await put(5);
    expect(await state()).toBe('ALARM');
    clock.advance(3 * MINUTE);
    expect(await state()).toBe(expected);
  });

  test('M of N periods', async () => {
    const { alarm, put, state, clock } = cloudwatch();
    await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    await put(5);
    expect(await state()).toBe('OK');
    clock.advance(MINUTE);
    await put(50);
    clock.advance(MINUTE);
    await put(5);
    expect(await state()).toBe('ALARM');
    clock.advance(MINUTE);
    expect(await state()).toBe('OK');
  });

  test('other dimensions are another metric', async () => {
    const { alarm, put, state } = cloudwatch();
    await alarm({ Dimensions: [{ Name: 'Cluster', Value: 'prod' }] });
    await put(5);
    expect(await state()).toBe('INSUFFICIENT_DATA');
  });

  test('the sum of AWS/States metrics, as executions end', async () => {
    const { service, call, state } = cloudwatch();
    const query = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: {
        Metric: { Namespace: 'AWS/States', MetricName, Dimensions: [{ Name: 'StateMachineArn', Value: 'arn:m' }] },
        Period: 300,
        Stat: 'Sum',
      },
      ReturnData: false,
    });
    await call('PutMetricAlarm', {
      AlarmName: 'a',
      Metrics: [
        { Id: 'sum', Expression: 'e0 + e1' },
        query('e0', 'ExecutionsFailed'),
        query('e1', 'ExecutionsAborted'),
      ],
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    const ended = (status: string) =>
      service.observe({
        id: '1',
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        account: '',
        region: '',
        time: '',
        resources: [],
        detail: { status, stateMachineArn: 'arn:m' },
      });
    await ended('RUNNING');
    await ended('SUCCEEDED');
    expect(await state()).toBe('OK');
    await ended('ABORTED');
    expect(await state()).toBe('ALARM');
  });

  test('a change of state is published by CloudWatch in its own name, once', async () => {
    const { alarm, put, published } = cloudwatch();
    await alarm({ AlarmActions: ['arn:topic'], OKActions: ['arn:ok'] });
    await put(5);
    await put(4);
    expect(published).toMatchObject([
      {
        service: 'sns',
        action: 'Publish',
        input: { TopicArn: 'arn:topic', Subject: 'ALARM: "a"' },
        caller: {
          principal: 'cloudwatch.amazonaws.com',
          sourceArn: 'arn:aws:cloudwatch:eu-central-1:000000000000:alarm:a',
        },
      },
    ]);
    expect(JSON.parse(String(published[0]!.input['Message']))).toMatchObject({
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a percentile', { Statistic: undefined, ExtendedStatistic: 'p99' }, 'does not support ExtendedStatistic'],
    ['an unknown operator', { ComparisonOperator: 'Near' }, 'ComparisonOperator must be one of'],
    ['other metric math', { Metrics: [{ Id: 'a', Expression: 'b * 2' }] }, 'no metric math but sums'],
    ['a period of 45 s', { Period: 45 }, 'multiple of 60'],
  ])('%s is refused', async (_what, input, message) => {
    await expect(cloudwatch().alarm(input)).rejects.toThrow(message);
  });
});
