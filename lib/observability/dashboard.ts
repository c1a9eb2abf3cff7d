import { Duration } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  Row,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ClusterConfig } from '../../lambdas/contracts/cluster-config';
import { APP, CLUSTER_METRICS } from '../foundation/names';
import type { Operations } from '../foundation/operation';
import { clusterMetric, failedExecutions } from './metrics';

export interface DashboardProps {
  clusters: ClusterConfig[];
  operations: Operations;
  deadLetters: IQueue;
}

/** A widget shows at most this many metrics well, and takes at most 500. */
const CLUSTERS_A_WIDGET = 50;

/** One page that tells whether all clusters are well. */
export class Dashboard extends CloudWatchDashboard {
  constructor(scope: Construct, id: string, { clusters, operations, deadLetters }: DashboardProps) {
    super(scope, id, { dashboardName: APP, defaultInterval: Duration.days(14) });
    for (let first = 0; first < clusters.length; first += CLUSTERS_A_WIDGET) {
      const names = clusters.slice(first, first + CLUSTERS_A_WIDGET).map(({ cluster }) => cluster);
      this.addWidgets(
        new Row(
          graph('Certificates: days left', names, CLUSTER_METRICS.smallestDaysToExpiry),
          graph('CAs: days left', names, CLUSTER_METRICS.smallestCaDaysToExpiry),
          graph('Nodes that did not answer the check', names, CLUSTER_METRICS.nodesNotChecked),
          graph('etcd: bytes of a snapshot', names, CLUSTER_METRICS.etcdSnapshotBytes),
        ),
        new Row(
          graph('Kubernetes: minor of the oldest API server', names, CLUSTER_METRICS.apiServerMinor, 12),
          graph('Skew: minors that the oldest kubelet is behind', names, CLUSTER_METRICS.kubeletMinorsBehind, 12),
        ),
      );
    }
    this.addWidgets(
      new Row(
        new GraphWidget({
          title: 'How long operations took (the longest of each hour)',
          width: 24,
          left: Object.entries(operations).map(([name, operation]) =>
            operation.metricTime({ label: name, period: Duration.hours(1), statistic: Stats.MAXIMUM }),
          ),
        }),
      ),
      new Row(
        new GraphWidget({
          title: 'Operations',
          width: 16,
          left: [
            ...Object.entries(operations).flatMap(([name, operation]) => [
              operation.metricSucceeded({ label: `${name} succeeded`, period: Duration.hours(1) }),
              failedExecutions(name, operation, Duration.hours(1)),
            ]),
          ],
        }),
        new SingleValueWidget({
          title: 'Starts that failed for good',
          width: 8,
          metrics: [deadLetters.metricApproximateNumberOfMessagesVisible()],
        }),
      ),
    );
  }
}

const graph = (title: string, clusters: string[], metric: Parameters<typeof clusterMetric>[1], width = 6) =>
  new GraphWidget({
    title,
    width,
    left: clusters.map((cluster) => clusterMetric(cluster, metric, { label: cluster })),
  });
