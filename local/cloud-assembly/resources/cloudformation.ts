import { basename } from 'node:path';
import { z } from 'zod';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import { resourceType } from '../resource-type';
import { withoutEffect } from './without-effect';

export const CLOUDFORMATION_TYPES = {
  'AWS::CloudFormation::Stack': resourceType({
    properties: z.strictObject({
      /** Of a template among the assembly's assets. */
      TemplateURL: z.string().regex(/^https:\/\/s3\./, 'must be the address of an asset in S3'),
      Parameters: z.record(z.string(), z.string()).default({}),
      Tags: withoutEffect,
      TimeoutInMinutes: withoutEffect,
    }),
    async create({ TemplateURL, Parameters }, { assembly, deployNested, generateName }, logicalId) {
      const stackName = generateName(logicalId, 128);
      await deployNested(stackName, assembly.asset(basename(TemplateURL)), Parameters);
      return { ref: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stackName}/local` };
    },
  }),
};
