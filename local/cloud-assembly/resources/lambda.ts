import { z } from 'zod';
import { assertRoleMeets, ROLE_REQUIREMENTS } from '../../iam/role-requirements';
import { functionArn } from '../../services/lambda/function-name';
import { resourceType } from '../resource-type';
import { arn, number, withoutEffect } from './without-effect';

export const LAMBDA_TYPES = {
  'AWS::Lambda::Function': resourceType({
    properties: z.strictObject({
      FunctionName: z.string().optional(),
      Role: arn,
      Code: z.strictObject({ S3Bucket: withoutEffect, S3Key: z.string() }),
      Handler: z.string(),
      /** Named to callers; what runs is the Node.js of this process. */
      Runtime: z.string().regex(/^nodejs/, 'must be a Node.js runtime'),
      Timeout: number.default(3),
      MemorySize: number.default(128),
      Environment: z
        .strictObject({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
        .default({ Variables: {} }),
      ReservedConcurrentExecutions: number.optional(),
      Description: z.string().default(''),
      Architectures: withoutEffect,
      LoggingConfig: withoutEffect,
      /** Nothing is traced here, but the role has to allow it as on AWS. */
      TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).optional(),
      KmsKeyArn: withoutEffect,
      Tags: withoutEffect,
    }),
    create(properties, { assembly, iam, lambda, generateName }, logicalId) {
      const name = properties.FunctionName ?? generateName(logicalId);
      iam.assertTrusts(properties.Role, 'lambda.amazonaws.com', functionArn(name));
      if (properties.TracingConfig?.Mode === 'Active')
        assertRoleMeets(iam, ROLE_REQUIREMENTS.functionTraces, properties.Role);
      lambda.createFunction({
        name,
        arn: functionArn(name),
        roleArn: properties.Role,
        codeFolder: assembly.asset(properties.Code.S3Key),
        handler: properties.Handler,
        runtime: properties.Runtime,
        description: properties.Description,
        timeoutSeconds: properties.Timeout,
        memoryMb: properties.MemorySize,
        environment: properties.Environment.Variables,
        ...(properties.ReservedConcurrentExecutions !== undefined && {
          reservedConcurrency: properties.ReservedConcurrentExecutions,
        }),
      });
      return { ref: name, attributes: { Arn: functionArn(name) } };
    },
  }),

  'AWS::Lambda::Permission': resourceType({
    properties: z.strictObject({
      FunctionName: z.string(),
      Action: z.string(),
      Principal: z.string(),
      SourceArn: z.string().optional(),
      SourceAccount: z.string().optional(),
    }),
    async create(properties, { call }, logicalId) {
      await call('lambda', 'AddPermission', { ...properties, StatementId: logicalId });
      return { ref: logicalId };
    },
  }),

  'AWS::Lambda::Version': resourceType({
    properties: z.strictObject({ FunctionName: z.string(), Description: withoutEffect, CodeSha256: withoutEffect }),
    create({ FunctionName }, { lambda }) {
      const version = lambda.publishVersion(FunctionName);
      return { ref: `${functionArn(FunctionName)}:${version}`, attributes: { Version: version } };
    },
  }),
};
