import { z } from 'zod';
import { resourceType } from '../resource-type';
import { number, object, withoutEffect } from './without-effect';

/** What SQS answers and takes as text. */
const queueAttributes = z.strictObject({
  VisibilityTimeout: number.optional(),
  MessageRetentionPeriod: number.optional(),
  DelaySeconds: z.literal(0).optional(),
});

export const MESSAGING_TYPES = {
  'AWS::SNS::Topic': resourceType({
    properties: z.strictObject({
      TopicName: z.string().optional(),
      DisplayName: z.string().optional(),
      Subscription: z.array(z.strictObject({ Protocol: z.string(), Endpoint: z.string() })).default([]),
      KmsMasterKeyId: withoutEffect,
      SignatureVersion: withoutEffect,
      TracingConfig: withoutEffect,
      Tags: withoutEffect,
    }),
    async create({ TopicName, DisplayName, Subscription }, { call, generateName }, logicalId) {
      const name = TopicName ?? generateName(logicalId, 256);
      const { TopicArn } = await call('sns', 'CreateTopic', {
        Name: name,
        Attributes: DisplayName === undefined ? {} : { DisplayName },
      });
      for (const subscription of Subscription) await call('sns', 'Subscribe', { TopicArn, ...subscription });
      return { ref: String(TopicArn), attributes: { TopicArn: String(TopicArn), TopicName: name } };
    },
  }),

  'AWS::SNS::Subscription': resourceType({
    properties: z.strictObject({
      TopicArn: z.string(),
      Protocol: z.string(),
      Endpoint: z.string(),
      RawMessageDelivery: z.literal(false).optional(),
      FilterPolicy: z
        .record(z.string(), z.array(z.union([z.string(), z.strictObject({ exists: z.literal(false) })])))
        .optional(),
      Region: withoutEffect,
    }),
    async create({ TopicArn, Protocol, Endpoint, FilterPolicy }, { call }) {
      const Attributes = FilterPolicy && { FilterPolicy: JSON.stringify(FilterPolicy) };
      const { SubscriptionArn } = await call('sns', 'Subscribe', {
        ...{ TopicArn, Protocol, Endpoint },
        ...(Attributes && { Attributes }),
      });
      return { ref: String(SubscriptionArn) };
    },
  }),

  'AWS::SNS::TopicPolicy': resourceType({
    properties: z.strictObject({ PolicyDocument: object, Topics: z.array(z.string()) }),
    create({ PolicyDocument, Topics }, { iam }, logicalId) {
      for (const topic of Topics) iam.addResourcePolicy(topic, PolicyDocument, `The policy of topic ${topic}`);
      return { ref: logicalId };
    },
  }),

  'AWS::SQS::Queue': resourceType({
    properties: queueAttributes.extend({
      QueueName: z.string().optional(),
      KmsMasterKeyId: withoutEffect,
      KmsDataKeyReusePeriodSeconds: withoutEffect,
      SqsManagedSseEnabled: withoutEffect,
      Tags: withoutEffect,
    }),
    async create({ QueueName, VisibilityTimeout, MessageRetentionPeriod }, { call, generateName }, logicalId) {
      const name = QueueName ?? generateName(logicalId, 80);
      const attributes = Object.entries({ VisibilityTimeout, MessageRetentionPeriod }).filter(
        ([, value]) => value !== undefined,
      );
      const { QueueUrl } = await call('sqs', 'CreateQueue', {
        QueueName: name,
        Attributes: Object.fromEntries(attributes.map(([key, value]) => [key, String(value)])),
      });
      const { Attributes } = await call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
      const { QueueArn } = Attributes as { QueueArn: string };
      return { ref: String(QueueUrl), attributes: { Arn: QueueArn, QueueName: name, QueueUrl: String(QueueUrl) } };
    },
  }),

  'AWS::SQS::QueuePolicy': resourceType({
    properties: z.strictObject({ PolicyDocument: object, Queues: z.array(z.string()) }),
    async create({ PolicyDocument, Queues }, { call, iam }, logicalId) {
      for (const QueueUrl of Queues) {
        const { Attributes } = await call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
        iam.addResourcePolicy(
          (Attributes as { QueueArn: string }).QueueArn,
          PolicyDocument,
          `The policy of queue ${QueueUrl}`,
        );
      }
      return { ref: logicalId };
    },
  }),
};
