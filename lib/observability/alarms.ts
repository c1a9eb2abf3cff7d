import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { CLUSTER_METRICS } from '../foundation/names';
import { firesDaily } from '../clusters/schedule-expression';
import type { Operations } from '../foundation/operation';
import { clusterMetric, failedExecutions } from './metrics';

/** Headings of docs/operator-runbook.md: each alarm's description names the one that says what to do. */
export const ALARM_HEADINGS = {
  certificates: 'Certificates run out',
  cas: 'CA certificates run out',
  notRun: 'Certificate check has not run',
  notChecked: 'Nodes not checked',
  notBackedUp: 'etcd has not been backed up',
  failed: 'Operation failed',
  deadLetters: 'Dead-letter queue not empty',
} as const;

export interface AlarmsProps {
  clusters: ClusterConfig[];
  operations: Operations;
  deadLetters: IQueue;
  topic: ITopic;
  /** Of the alarms of one cluster. */
  topicOf(cluster: string): ITopic;
  /** Where the runbook is: an address, or its path in this repository. */
  runbookUrl: string;
}

/** What runs every day is missed for sure after this. */
const HOURS_WITHOUT = 26;

const { LESS_THAN_THRESHOLD, GREATER_THAN_THRESHOLD } = ComparisonOperator;

interface AlarmOptions {
  id: string;
  /** That it is about. */
  cluster?: string;
  metric: IMetric;
  comparisonOperator: ComparisonOperator;
  threshold: number;
  heading: string;
  says: string;
  /** Default: the alarm stays as it is until the next value, because checks run once a day. */
  treatMissingData?: TreatMissingData;
  evaluationPeriods?: number;
}

/** Notifies the topic of what needs attention; up to five alarms for each cluster, one for each operation, one for the schedules. */
export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AlarmsProps,
  ) {
    super(scope, id);
    for (const cluster of props.clusters) this.watchCluster(cluster);
    for (const [name, operation] of Object.entries(props.operations)) {
      this.alarm({
        id: `${name}-Failed`,
        metric: failedExecutions(name, operation),
        comparisonOperator: GREATER_THAN_THRESHOLD,
        threshold: 0,
        heading: ALARM_HEADINGS.failed,
        says: `The operation ${name} failed, ran out of time or was stopped.`,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    }
    this.alarm({
      id: 'DeadLetters',
      metric: props.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: Stats.MAXIMUM,
      }),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      heading: ALARM_HEADINGS.deadLetters,
      says: 'A schedule could not start its operation.',
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private watchCluster({ cluster, certificates, etcdBackup }: ClusterConfig): void {
    this.alarm({
      cluster,
      id: `${cluster}-Certificates`,
      metric: clusterMetric(cluster, CLUSTER_METRICS.certificatesDue),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      heading: ALARM_HEADINGS.certificates,
      says: `A certificate of cluster ${cluster} is due: it has less than ${certificates.thresholdDays} days left, or than the threshold of its own lifetime.`,
    });
    this.alarm({
      cluster,
      id: `${cluster}-Cas`,
      metric: clusterMetric(cluster, CLUSTER_METRICS.casDue),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      heading: ALARM_HEADINGS.cas,
      says: `A CA of cluster ${cluster} is due: it has less than ${certificates.caThresholdDays} days left, or than the threshold of its own lifetime.`,
    });
    this.alarm({
      cluster,
      id: `${cluster}-NotChecked`,
      metric: clusterMetric(cluster, CLUSTER_METRICS.nodesNotChecked),
      comparisonOperator: GREATER_THAN_THRESHOLD,
      threshold: 0,
      heading: ALARM_HEADINGS.notChecked,
      says: `Nodes of cluster ${cluster} did not answer the last check.`,
    });
    this.alarmWhenMissing(certificates.schedule, {
      cluster,
      id: `${cluster}-NotRun`,
      metric: clusterMetric(cluster, CLUSTER_METRICS.nodesNotChecked, { statistic: Stats.SAMPLE_COUNT }),
      heading: ALARM_HEADINGS.notRun,
      says: `Cluster ${cluster} has not been checked for ${HOURS_WITHOUT} hours.`,
    });
    this.alarmWhenMissing(etcdBackup.schedule, {
      cluster,
      id: `${cluster}-NotBackedUp`,
      metric: clusterMetric(cluster, CLUSTER_METRICS.etcdSnapshotBytes, { statistic: Stats.SAMPLE_COUNT }),
      heading: ALARM_HEADINGS.notBackedUp,
      says: `etcd of cluster ${cluster} has not been backed up for ${HOURS_WITHOUT} hours.`,
    });
  }

  /** CloudWatch looks back at most a week, and would always find missing what is scheduled more rarely than once a day. */
  private alarmWhenMissing(
    schedule: string | undefined,
    alarm: Pick<AlarmOptions, 'cluster' | 'id' | 'metric' | 'heading' | 'says'>,
  ): void {
    if (schedule === undefined || !firesDaily(schedule)) return;
    this.alarm({
      ...alarm,
      comparisonOperator: LESS_THAN_THRESHOLD,
      threshold: 1,
      treatMissingData: TreatMissingData.BREACHING,
      evaluationPeriods: HOURS_WITHOUT,
    });
  }

  private alarm({ id, cluster, heading, says, ...options }: AlarmOptions): void {
    const alarm = new Alarm(this, id, {
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.IGNORE,
      ...options,
      alarmDescription: `${says} What to do: ${this.props.runbookUrl}#${anchorOf(heading)}`,
    });
    alarm.addAlarmAction(new SnsAction(cluster === undefined ? this.props.topic : this.props.topicOf(cluster)));
  }
}

/** As GitHub and others link to a heading. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');
