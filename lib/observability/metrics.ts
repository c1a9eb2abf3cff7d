import { Duration } from 'aws-cdk-lib';
import type { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { METRICS_NAMESPACE } from '../../lambdas/contracts/events';
import type { CLUSTER_METRICS } from '../foundation/names';

/**
 * A metric of a cluster. The maximum, because each value is already the smallest over all nodes, and within an hour the later one is the
 * truer one: after a renewal it has grown.
 */
export function clusterMetric(
  cluster: string,
  metricName: (typeof CLUSTER_METRICS)[keyof typeof CLUSTER_METRICS],
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { Cluster: cluster },
    statistic: Stats.MAXIMUM,
    period: Duration.hours(1),
    ...options,
  });
}

/**
 * Executions of one operation that did not succeed, however they ended. One metric an operation: an alarm adds up at most ten metrics
 * (CloudWatch quotas), and each operation has three.
 */
export function failedExecutions(name: string, operation: IStateMachine, period = Duration.minutes(5)): MathExpression {
  // A graph that shows several operations wants ids of their own.
  const id = (end: string) => `${end}_${name.replaceAll('-', '_')}`;
  const ends = {
    [id('failed')]: operation.metricFailed(),
    [id('timedOut')]: operation.metricTimedOut(),
    [id('aborted')]: operation.metricAborted(),
  };
  const label = `${name} did not succeed`;
  return new MathExpression({ label, expression: Object.keys(ends).join(' + '), usingMetrics: ends, period });
}
