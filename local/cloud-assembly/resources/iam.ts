import { z } from 'zod';
import { resourceType } from '../resource-type';
import { object, withoutEffect } from './without-effect';

const inlinePolicy = z.strictObject({ PolicyName: z.string(), PolicyDocument: object });

export const IAM_TYPES = {
  'AWS::IAM::Role': resourceType({
    properties: z.strictObject({
      AssumeRolePolicyDocument: object,
      RoleName: z.string().optional(),
      Path: z.string().default('/'),
      Policies: z.array(inlinePolicy).default([]),
      ManagedPolicyArns: z.array(z.string()).default([]),
      Description: withoutEffect,
      MaxSessionDuration: withoutEffect,
      Tags: withoutEffect,
    }),
    create(properties, { iam, generateName }, logicalId) {
      const name = properties.RoleName ?? generateName(logicalId);
      const arn = iam.createRole(name, properties.Path, properties.AssumeRolePolicyDocument);
      for (const { PolicyName, PolicyDocument } of properties.Policies) iam.attach(arn, PolicyDocument, PolicyName);
      for (const managed of properties.ManagedPolicyArns) iam.attach(arn, managed, managed);
      return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name}` } };
    },
  }),

  'AWS::IAM::Policy': resourceType({
    properties: inlinePolicy.extend({ Roles: z.array(z.string()) }),
    create({ PolicyName, PolicyDocument, Roles }, { iam }) {
      for (const role of Roles) iam.attach(role, PolicyDocument, PolicyName);
      return { ref: PolicyName };
    },
  }),

  'AWS::IAM::ManagedPolicy': resourceType({
    properties: z.strictObject({
      ManagedPolicyName: z.string().optional(),
      PolicyDocument: object,
      Path: z.string().default('/'),
      Roles: z.array(z.string()).default([]),
      Description: withoutEffect,
    }),
    create({ ManagedPolicyName, PolicyDocument, Path, Roles }, { iam, generateName }, logicalId) {
      const arn = iam.createManagedPolicy(ManagedPolicyName ?? generateName(logicalId, 128), Path, PolicyDocument);
      for (const role of Roles) iam.attach(role, arn, arn);
      return { ref: arn, attributes: { PolicyArn: arn } };
    },
  }),
};
