import { z } from 'zod';
import { createHash } from 'node:crypto';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import { resourceType } from '../resource-type';
import { withoutEffect } from './without-effect';

/** Keys have names and nothing more: nothing is encrypted locally. */
export const KMS_TYPES = {
  'AWS::KMS::Key': resourceType({
    properties: z.strictObject({
      KeyPolicy: withoutEffect,
      Description: withoutEffect,
      Enabled: withoutEffect,
      EnableKeyRotation: withoutEffect,
      RotationPeriodInDays: withoutEffect,
      PendingWindowInDays: withoutEffect,
      Tags: withoutEffect,
    }),
    create(_properties, { generateName }, logicalId) {
      const hash = createHash('sha256').update(generateName(logicalId)).digest('hex');
      const id = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
      return { ref: id, attributes: { KeyId: id, Arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}` } };
    },
  }),
  'AWS::KMS::Alias': resourceType({
    properties: z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() }),
    create: ({ AliasName }) => ({ ref: AliasName }),
  }),
};
