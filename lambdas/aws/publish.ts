import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CLUSTER_ATTRIBUTE, EVENT_SOURCE, METRICS_NAMESPACE } from '../contracts/events';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { mailText } from '../domain/text/mail-text';
import { notificationSubject } from '../domain/text/plain-text';
import { PutMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { logger } from '../runtime/lambda';

/** PutEvents takes at most 10 entries. */
const MOST_ENTRIES = 10;
const ROUNDS = 3;

/** Puts one event for each detail on the bus. Entries that EventBridge refuses are sent again, twice at most. */
export async function putEvents(
  client: EventBridgeClient,
  bus: string,
  detailType: string,
  details: Record<string, unknown>[],
): Promise<void> {
  let left = details;
  let refusal = '';
  for (let round = 1; round <= ROUNDS && left.length > 0; round++) {
    const refused: Record<string, unknown>[] = [];
    for (let start = 0; start < left.length; start += MOST_ENTRIES) {
      const batch = left.slice(start, start + MOST_ENTRIES);
      const answer = await client.send(
        new PutEventsCommand({
          Entries: batch.map((detail) => ({
            EventBusName: bus,
            Source: EVENT_SOURCE,
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          })),
        }),
      );
      // PutEvents answers 200 also when it took only some: each entry has its own answer, in the order of the request.
      answer.Entries?.forEach((entry, index) => {
        const detail = batch[index];
        if (!entry.ErrorCode || !detail) return;
        refusal = `${entry.ErrorCode} ${entry.ErrorMessage ?? ''}`.trim();
        refused.push(detail);
      });
    }
    left = refused;
  }
  if (left.length > 0)
    throw new Error(`EventBridge refused ${left.length} of ${details.length} events on ${bus}: ${refusal}.`);
}

/**
 * Notifies the topic's subscribers: those who want to hear of this cluster.
 * @param cluster undefined: it is about none, and everybody hears of it
 */
export async function notify(
  client: SNSClient,
  topicArn: string,
  { cluster, subject, text }: { cluster: string | undefined; subject: string; text: string },
): Promise<void> {
  await client.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: notificationSubject(subject),
      Message: mailText(text.split('\n')),
      // An empty value is none that SNS takes.
      ...(cluster && { MessageAttributes: { [CLUSTER_ATTRIBUTE]: { DataType: 'String', StringValue: cluster } } }),
    }),
  );
}

/** PutMetricData takes at most 1,000 metrics and 1 MB. */
const MOST_METRICS = 500;

/** A value without a unit; dimensions in the order given. */
export interface Gauge {
  name: string;
  dimensions: Record<string, string>;
  value: number;
}

/**
 * Publishes the metrics. Never rejects: what a check has found, and what a renewal has proven, does not depend on a graph. That metrics
 * are missing is an alarm of its own.
 */
export async function publishMetrics(client: CloudWatchClient, metrics: Gauge[], now: Date): Promise<void> {
  for (let start = 0; start < metrics.length; start += MOST_METRICS) {
    const put = new PutMetricDataCommand({
      Namespace: METRICS_NAMESPACE,
      MetricData: metrics.slice(start, start + MOST_METRICS).map(({ name, dimensions, value }) => ({
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        Timestamp: now,
        Value: value,
        Unit: 'None',
      })),
    });
    try {
      await client.send(put);
    } catch (error) {
      logger.error('Metrics could not be published', { metrics: metrics.length, reason: String(error) });
      return;
    }
  }
}
