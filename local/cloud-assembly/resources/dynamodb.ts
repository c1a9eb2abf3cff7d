import { z } from 'zod';
import { tableArn } from '../../services/dynamodb/dynamodb-service';
import { resourceType } from '../resource-type';
import { withoutEffect } from './without-effect';

export const DYNAMODB_TYPES = {
  'AWS::DynamoDB::Table': resourceType({
    properties: z.strictObject({
      TableName: z.string().optional(),
      AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.string() })),
      KeySchema: z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.string() })),
      BillingMode: withoutEffect,
      DeletionProtectionEnabled: withoutEffect,
      OnDemandThroughput: withoutEffect,
      PointInTimeRecoverySpecification: withoutEffect,
      ProvisionedThroughput: withoutEffect,
      SSESpecification: withoutEffect,
      TableClass: withoutEffect,
      Tags: withoutEffect,
      /** AWS deletes expired items some time within days: a program that relies on it is wrong. */
      TimeToLiveSpecification: withoutEffect,
    }),
    async create({ TableName, AttributeDefinitions, KeySchema }, { call, generateName }, logicalId) {
      const name = TableName ?? generateName(logicalId, 255);
      await call('dynamodb', 'CreateTable', {
        TableName: name,
        AttributeDefinitions,
        KeySchema,
        BillingMode: 'PAY_PER_REQUEST',
      });
      return { ref: name, attributes: { Arn: tableArn(name) } };
    },
  }),
};
