import { z } from 'zod';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import { resourceType } from '../resource-type';
import { object, withoutEffect } from './without-effect';

const arnOf = (kind: string, name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:${kind}/${name}`;

export const SSM_TYPES = {
  'AWS::SSM::Document': resourceType({
    properties: z.strictObject({
      Name: z.string().optional(),
      Content: z.union([object, z.string()]),
      DocumentType: z.string().default('Command'),
      DocumentFormat: z.string().default('JSON'),
      TargetType: z.string().optional(),
      Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
      UpdateMethod: withoutEffect,
    }),
    async create(properties, { call, generateName }, logicalId) {
      const { Content, UpdateMethod: _, ...others } = properties;
      const name = properties.Name ?? generateName(logicalId, 128);
      await call('ssm', 'CreateDocument', {
        ...others,
        Name: name,
        Content: typeof Content === 'string' ? Content : JSON.stringify(Content),
      });
      return { ref: name };
    },
  }),

  'AWS::SSM::Parameter': resourceType({
    properties: z.strictObject({
      Name: z.string().optional(),
      Type: z.enum(['String', 'StringList']),
      Value: z.string(),
      Description: z.string().optional(),
      AllowedPattern: z.string().optional(),
      DataType: z.string().optional(),
      Tier: z.string().optional(),
      Tags: z.record(z.string(), z.string()).default({}),
    }),
    async create({ Tags, ...properties }, { call, generateName }, logicalId) {
      const name = properties.Name ?? generateName(logicalId);
      const tags = Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }));
      await call('ssm', 'PutParameter', { ...properties, Name: name, Tags: tags });
      const arn = arnOf('parameter', name.replace(/^\//, ''));
      return { ref: name, attributes: { Type: properties.Type, Value: properties.Value, Arn: arn } };
    },
  }),
};
