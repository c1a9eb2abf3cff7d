import { z } from 'zod';
import { resourceType } from '../resource-type';
import { boolean, object, withoutEffect } from './without-effect';

const encryption = z
  .strictObject({
    ServerSideEncryptionConfiguration: z
      .array(
        z.strictObject({
          BucketKeyEnabled: boolean.optional(),
          ServerSideEncryptionByDefault: z.discriminatedUnion('SSEAlgorithm', [
            z.strictObject({ SSEAlgorithm: z.literal('AES256') }),
            z.strictObject({ SSEAlgorithm: z.literal('aws:kms'), KMSMasterKeyID: z.string() }),
          ]),
        }),
      )
      .length(1),
  })
  .transform(({ ServerSideEncryptionConfiguration: [rule] }) => rule!.ServerSideEncryptionByDefault);

export const S3_TYPES = {
  'AWS::S3::Bucket': resourceType({
    properties: z.strictObject({
      BucketName: z.string().optional(),
      VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
      BucketEncryption: encryption.optional(),
      // Nothing is public here, objects have no owners, and they stay until the local AWS ends.
      PublicAccessBlockConfiguration: withoutEffect,
      OwnershipControls: withoutEffect,
      LifecycleConfiguration: withoutEffect,
      Tags: withoutEffect,
    }),
    create({ BucketName, VersioningConfiguration, BucketEncryption }, { s3, generateName }, logicalId) {
      const name = BucketName ?? generateName(logicalId, 63).toLowerCase();
      const key = BucketEncryption?.SSEAlgorithm === 'aws:kms' ? BucketEncryption.KMSMasterKeyID : undefined;
      const { arn } = s3.createBucket({
        name,
        versioned: VersioningConfiguration?.Status === 'Enabled',
        encryption: key === undefined ? { algorithm: 'AES256' } : { algorithm: 'aws:kms', keyArn: key },
      });
      return { ref: name, attributes: { Arn: arn, DomainName: `${name}.s3.amazonaws.com` } };
    },
  }),

  'AWS::S3::BucketPolicy': resourceType({
    properties: z.strictObject({ Bucket: z.string(), PolicyDocument: object }),
    create({ Bucket, PolicyDocument }, { iam }) {
      iam.addResourcePolicy(`arn:aws:s3:::${Bucket}`, PolicyDocument, `The policy of bucket ${Bucket}`);
      return { ref: Bucket };
    },
  }),
};
