import { Duration } from 'aws-cdk-lib';
import type { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE } from '../../lambdas/contracts/events';
import type { CLUSTER_METRICS } from '../foundation/names';
import type { Operations } from '../foundation/operation';

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

/** Executions of the operations that did not succeed, however they ended. */
export function failedOperations(operations: Operations, period = Duration.minutes(5)): MathExpression {
  const ends = Object.values(operations).flatMap((operation) => [
    operation.metricFailed(),
    operation.metricTimedOut(),
    operation.metricAborted(),
  ]);
  return new MathExpression({
    label: 'operations that did not succeed',
    expression: ends.map((_, index) => `e${index}`).join(' + '),
    usingMetrics: Object.fromEntries(ends.map((metric, index) => [`e${index}`, metric])),
    period,
  });
}
