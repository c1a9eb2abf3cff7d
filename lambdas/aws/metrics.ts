import { PutMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { METRICS_NAMESPACE } from '../contracts/events';
import type { Metric } from '../domain/certificates/metrics';

/** PutMetricData takes at most 1,000 metrics and 1 MB. */
const MOST_METRICS = 500;

export async function publishCertificateMetrics(client: CloudWatchClient, metrics: Metric[], now: Date): Promise<void> {
  for (let start = 0; start < metrics.length; start += MOST_METRICS) {
    await client.send(
      new PutMetricDataCommand({
        Namespace: METRICS_NAMESPACE,
        MetricData: metrics.slice(start, start + MOST_METRICS).map(({ name, dimensions, value }) => ({
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          Timestamp: now,
          Value: value,
          Unit: 'None',
        })),
      }),
    );
  }
}
