import { z } from 'zod';
import type { Iam } from '../../iam/iam';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import { resourceType } from '../resource-type';
import { object, withoutEffect } from './without-effect';

const arnOf = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** Targets go to the service as they are: it knows which of their fields it supports. */
const target = object.and(z.object({ Arn: z.string(), RoleArn: z.string().optional() }));

export const EVENTS_TYPES = {
  'AWS::Events::EventBus': resourceType({
    properties: z.strictObject({
      Name: z.string(),
      Description: withoutEffect,
      KmsKeyIdentifier: withoutEffect,
      LogConfig: withoutEffect,
      Tags: withoutEffect,
    }),
    async create({ Name }, { call }) {
      const { EventBusArn } = await call('events', 'CreateEventBus', { Name });
      return { ref: Name, attributes: { Arn: String(EventBusArn), Name } };
    },
  }),

  'AWS::Events::Rule': resourceType({
    properties: z.strictObject({
      Name: z.string().optional(),
      Description: z.string().optional(),
      EventBusName: z.string().default('default'),
      EventPattern: object,
      State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
      Targets: z.array(target).default([]),
      Tags: withoutEffect,
    }),
    async create(properties, { call, iam, generateName }, logicalId) {
      const { EventBusName, EventPattern, State, Targets, Description } = properties;
      const name = properties.Name ?? generateName(logicalId);
      const { RuleArn } = await call('events', 'PutRule', {
        Name: name,
        EventBusName,
        EventPattern: JSON.stringify(EventPattern),
        State,
        ...(Description !== undefined && { Description }),
      });
      assertRolesTrust(iam, Targets, 'events.amazonaws.com', String(RuleArn));
      if (Targets.length) await call('events', 'PutTargets', { Rule: name, EventBusName, Targets });
      return {
        ref: EventBusName === 'default' ? name : `${EventBusName}|${name}`,
        attributes: { Arn: String(RuleArn) },
      };
    },
  }),
};

export const SCHEDULER_TYPES = {
  'AWS::Scheduler::ScheduleGroup': resourceType({
    properties: z.strictObject({ Name: z.string().optional(), Tags: withoutEffect }),
    async create({ Name }, { call, generateName }, logicalId) {
      const name = Name ?? generateName(logicalId);
      await call('scheduler', 'CreateScheduleGroup', { Name: name });
      return { ref: name, attributes: { Arn: arnOf('scheduler', `schedule-group/${name}`), State: 'ACTIVE' } };
    },
  }),

  'AWS::Scheduler::Schedule': resourceType({
    properties: z.strictObject({
      Name: z.string().optional(),
      GroupName: z.string().default('default'),
      Description: z.string().optional(),
      ScheduleExpression: z.string(),
      ScheduleExpressionTimezone: z.string().default('UTC'),
      StartDate: z.coerce.date().optional(),
      EndDate: z.coerce.date().optional(),
      State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
      FlexibleTimeWindow: object,
      Target: object.and(z.object({ Arn: z.string(), RoleArn: z.string() })),
      KmsKeyArn: withoutEffect,
    }),
    async create({ KmsKeyArn: _, ...properties }, { call, iam, generateName }, logicalId) {
      const name = properties.Name ?? generateName(logicalId);
      // The scheduler assumes the role on behalf of the group, not of the single schedule.
      const group = arnOf('scheduler', `schedule-group/${properties.GroupName}`);
      assertRolesTrust(iam, [properties.Target], 'scheduler.amazonaws.com', group);
      const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
      await call('scheduler', 'CreateSchedule', { ...given, Name: name });
      return { ref: name, attributes: { Arn: arnOf('scheduler', `schedule/${properties.GroupName}/${name}`) } };
    },
  }),
};

function assertRolesTrust(
  iam: Iam,
  targets: { RoleArn?: string | undefined }[],
  service: `${string}.amazonaws.com`,
  sourceArn: string,
): void {
  for (const { RoleArn } of targets) if (RoleArn) iam.assertTrusts(RoleArn, service, sourceArn);
}
