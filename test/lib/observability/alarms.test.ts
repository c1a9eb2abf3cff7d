import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { clusterConfig } from '../../../lambdas/contracts/cluster-config';
import { certificateMetrics } from '../../../lambdas/domain/certificates/expiries';
import { OPERATIONS } from '../../../lambdas/contracts/operation';
import { METRICS_NAMESPACE } from '../../../lambdas/contracts/events';
import type { Operations } from '../../../lib/foundation/operation';
import { ALARM_HEADINGS, Alarms } from '../../../lib/observability/alarms';
import { resourcesOf } from '../../helpers/template';

interface Alarm {
  AlarmDescription: string;
  AlarmActions: string[];
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name: string; Value: string }[];
  Threshold: number;
  ComparisonOperator: string;
  TreatMissingData: string;
  EvaluationPeriods: number;
  Period?: number;
  Statistic?: string;
  Metrics?: { MetricStat?: { Metric: { MetricName: string; Dimensions: unknown } } }[];
}

const alarms = Object.values(resourcesOf<Alarm>('AWS::CloudWatch::Alarm'));
const anchor = (heading = '') => heading.toLowerCase().replaceAll(' ', '-');
const alarm = (heading: string) =>
  alarms.find(({ AlarmDescription }) => AlarmDescription.endsWith(`#${anchor(heading)}`))!;
const runbook = readFileSync(resolve(__dirname, '../../../docs/operator-runbook.md'), 'utf8');
const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => anchor(heading));

test.each(alarms.map(({ AlarmDescription }) => AlarmDescription))('%s', (description) => {
  const heading = / What to do: docs\/operator-runbook\.md#(\S+)$/.exec(description)?.[1];
  expect(headings).toContain(heading);
});

test('there is an alarm for each heading, and each tells its topic', () => {
  // Where backups are scheduled: test/lib/etcd-backup.test.ts.
  const { notBackedUp: _scheduled, ...expected } = ALARM_HEADINGS;
  expect(Object.values(expected).filter((heading) => !alarm(heading))).toEqual([]);
  expect(alarms.map(({ AlarmActions }) => AlarmActions)).toEqual(
    alarms.map(({ AlarmDescription }) => [
      / of cluster |^Cluster /.test(AlarmDescription) ? '<NotificationsdemoAlarms>' : '<Notifications>',
    ]),
  );
});

test.each([
  [
    ALARM_HEADINGS.certificates,
    { MetricName: 'CertificatesDue', ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 },
  ],
  [ALARM_HEADINGS.cas, { MetricName: 'CasDue', ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 }],
  [
    ALARM_HEADINGS.notChecked,
    { MetricName: 'NodesNotChecked', ComparisonOperator: 'GreaterThanThreshold', Threshold: 0 },
  ],
])('%s: judges the last check until the next one', (heading, expected) => {
  expect(alarm(heading)).toMatchObject({
    ...expected,
    Namespace: METRICS_NAMESPACE,
    Statistic: 'Maximum',
    TreatMissingData: 'ignore',
  });
  expect(alarm(heading).Dimensions).toEqual([{ Name: 'Cluster', Value: 'demo' }]);
});

test(`${ALARM_HEADINGS.notRun}: no value for 26 hours`, () => {
  const { Period = 0, EvaluationPeriods, ...others } = alarm(ALARM_HEADINGS.notRun);
  expect((Period * EvaluationPeriods) / 3600).toBe(26);
  expect(others).toMatchObject({
    Statistic: 'SampleCount',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

describe(ALARM_HEADINGS.failed, () => {
  const failed = alarms.filter(({ AlarmDescription }) => AlarmDescription.endsWith('#operation-failed'));
  const metricsOf = ({ Metrics = [] }: Alarm) => Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);

  test('each operation has an alarm of its own', () => {
    expect(
      failed.map(({ AlarmDescription }) => /^The operation (\S+) failed/.exec(AlarmDescription)?.[1]).sort(),
    ).toEqual([...OPERATIONS, 'lifecycle-event'].sort());
    const machines = failed.map((each) => new Set(metricsOf(each).map((metric) => JSON.stringify(metric.Dimensions))));
    expect(machines.map(({ size }) => size)).toEqual(failed.map(() => 1));
    expect(new Set(machines.flatMap((one) => [...one])).size).toBe(failed.length);
  });

  test.each(failed.map((each) => [each.AlarmDescription, each] as const))('%s However it ended', (_, each) => {
    expect(
      metricsOf(each)
        .map(({ MetricName }) => MetricName)
        .sort(),
    ).toEqual(['ExecutionsAborted', 'ExecutionsFailed', 'ExecutionsTimedOut']);
  });
});

test('the metrics that alarms watch are metrics that the check writes', () => {
  const leaf = {
    node: 'cp1',
    certificate: 'apiserver',
    secondsLeft: 86_400,
    notAfter: '2026-11-24T00:00:00Z',
    isCa: false,
  };
  const config = clusterConfig.parse({ cluster: 'demo' });
  const written = certificateMetrics(config, [leaf, { ...leaf, certificate: 'ca', isCa: true }], 0);
  const ofCluster = written
    .filter(({ dimensions }) => Object.keys(dimensions).join() === 'Cluster')
    .map(({ name }) => name);
  const watched = alarms.filter(({ Namespace }) => Namespace === METRICS_NAMESPACE).map(({ MetricName }) => MetricName);
  expect(watched.filter((name) => !ofCluster.some((one) => one === name))).toEqual([]);
});

test('ten operations have an alarm each, of no more metrics than CloudWatch adds up in one', () => {
  const stack = new Stack(new App(), 'Stack');
  const machine = (name: string) =>
    StateMachine.fromStateMachineName(stack, name, name) as Operations[keyof Operations];
  const names = Array.from({ length: 10 }, (_, index) => `operation-${index}`);
  const topic = new Topic(stack, 'Topic');
  new Alarms(stack, 'Alarms', {
    clusters: [],
    operations: Object.fromEntries(names.map((name) => [name, machine(name)])) as unknown as Operations,
    deadLetters: new Queue(stack, 'Queue'),
    ...{ topic, topicOf: () => topic, runbookUrl: 'https://wiki.example.org/runbook' },
  });
  const made = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties as Alarm,
  );
  const failed = made.filter(({ AlarmDescription }) => AlarmDescription.endsWith('/runbook#operation-failed'));
  expect(failed).toHaveLength(10);
  const metrics = failed.map(({ Metrics = [] }) => Metrics.filter(({ MetricStat }) => MetricStat).length);
  expect(Math.max(...metrics)).toBeLessThanOrEqual(10);
});
