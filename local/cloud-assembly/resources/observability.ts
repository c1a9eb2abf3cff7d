import { z } from 'zod';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import { alarmArn } from '../../services/cloudwatch/alarms';
import { resourceType } from '../resource-type';
import { boolean, number, object, withoutEffect } from './without-effect';

const arns = z.array(z.string()).optional();
const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).optional();

export const OBSERVABILITY_TYPES = {
  'AWS::CloudWatch::Alarm': resourceType({
    properties: z.strictObject({
      AlarmName: z.string().optional(),
      AlarmDescription: z.string().optional(),
      ActionsEnabled: boolean.optional(),
      AlarmActions: arns,
      OKActions: arns,
      InsufficientDataActions: arns,
      Namespace: z.string().optional(),
      MetricName: z.string().optional(),
      Dimensions: dimensions,
      Statistic: z.string().optional(),
      Period: number.optional(),
      Metrics: z.array(object).optional(),
      EvaluationPeriods: number,
      DatapointsToAlarm: number.optional(),
      Threshold: number,
      ComparisonOperator: z.string(),
      TreatMissingData: z.string().optional(),
      Tags: withoutEffect,
    }),
    async create({ Tags: _, ...properties }, { call, generateName }, logicalId) {
      const name = properties.AlarmName ?? generateName(logicalId, 255);
      await call('cloudwatch', 'PutMetricAlarm', { ...properties, AlarmName: name });
      return { ref: name, attributes: { Arn: alarmArn(name) } };
    },
  }),

  'AWS::CloudWatch::Dashboard': resourceType({
    properties: z.strictObject({
      DashboardName: z.string().optional(),
      DashboardBody: z.string(),
      Tags: withoutEffect,
    }),
    async create({ DashboardName, DashboardBody }, { call, generateName }, logicalId) {
      const name = DashboardName ?? generateName(logicalId, 255);
      await call('cloudwatch', 'PutDashboard', { DashboardName: name, DashboardBody });
      return { ref: name };
    },
  }),

  // Logs are not kept: what functions print goes to LocalAwsOptions.onFunctionOutput.
  'AWS::Logs::LogGroup': resourceType({
    properties: z.strictObject({
      LogGroupName: z.string().optional(),
      LogGroupClass: withoutEffect,
      RetentionInDays: withoutEffect,
      KmsKeyId: withoutEffect,
      Tags: withoutEffect,
    }),
    create({ LogGroupName }, { generateName }, logicalId) {
      const name = LogGroupName ?? generateName(logicalId, 512);
      return { ref: name, attributes: { Arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*` } };
    },
  }),

  'AWS::Logs::ResourcePolicy': resourceType({
    properties: z.strictObject({ PolicyName: z.string(), PolicyDocument: z.string() }),
    create: ({ PolicyName }) => ({ ref: PolicyName }),
  }),

  'AWS::CDK::Metadata': resourceType({
    properties: object,
    create: (_properties, _surroundings, logicalId) => ({ ref: logicalId }),
  }),
};
