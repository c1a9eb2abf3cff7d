import { z } from 'zod';
import type { AwsAction, Permission } from '../../aws/aws-call';
import { checkedAction } from '../../aws/checked-action';
import { paginate } from '../../aws/paginate';
import { passRole } from '../../iam/pass-role';
import { groupArn, name, scheduleArn, scheduleSchema, type Schedule, type ScheduleProperties } from './schedule';
import type { ScheduleGroup, Schedules } from './schedules';

const token = { ClientToken: z.string().optional() };
const page = { MaxResults: z.number().int().min(1).max(100).default(100), NextToken: z.string().optional() };
const one = z.strictObject({ Name: name, GroupName: name.default('default') });

/** Who makes a schedule hands its role to the scheduler, and has to be allowed to. */
const making =
  (action: string) =>
  ({ Name, GroupName, Target }: ScheduleProperties): Permission[] => [
    { action: `scheduler:${action}`, resource: scheduleArn(GroupName, Name) },
    passRole(Target.RoleArn, 'scheduler.amazonaws.com'),
  ];
const on =
  (action: string) =>
  ({ Name, GroupName }: z.output<typeof one>): Permission[] => [
    { action: `scheduler:${action}`, resource: scheduleArn(GroupName, Name) },
  ];

export function schedulerActions(schedules: Schedules): Record<string, AwsAction> {
  return {
    CreateSchedule: checkedAction('CreateSchedule', scheduleSchema.extend(token), {
      permissions: making('CreateSchedule'),
      run: ({ ClientToken: _, ...properties }) => ({ ScheduleArn: schedules.create(properties).arn }),
    }),
    // Like the real one, it replaces every field: what is not given goes back to its default.
    UpdateSchedule: checkedAction('UpdateSchedule', scheduleSchema.extend(token), {
      permissions: making('UpdateSchedule'),
      run: ({ ClientToken: _, ...properties }) => ({ ScheduleArn: schedules.update(properties).arn }),
    }),
    GetSchedule: checkedAction('GetSchedule', one, {
      permissions: on('GetSchedule'),
      run: ({ Name, GroupName }) => describe(schedules.get(Name, GroupName)),
    }),
    DeleteSchedule: checkedAction('DeleteSchedule', one.extend(token), {
      permissions: on('DeleteSchedule'),
      run: ({ Name, GroupName }) => {
        schedules.delete(Name, GroupName);
        return {};
      },
    }),
    ListSchedules: checkedAction('ListSchedules', listSchedules, {
      run: ({ GroupName, NamePrefix, State, MaxResults, NextToken }) => {
        const found = schedules
          .list()
          .filter(({ properties }) => GroupName === undefined || properties.GroupName === GroupName)
          .filter(({ properties }) => properties.Name.startsWith(NamePrefix))
          .filter(({ properties }) => State === undefined || properties.State === State);
        const { items, ...rest } = paginate(found, MaxResults, NextToken);
        return { Schedules: items.map(summarise), ...rest };
      },
    }),
    ...groupActions(schedules),
  };
}

const listSchedules = z.strictObject({
  GroupName: name.optional(),
  NamePrefix: z.string().default(''),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  ...page,
});

function groupActions(schedules: Schedules): Record<string, AwsAction> {
  const onGroup =
    (action: string) =>
    ({ Name }: { Name: string }): Permission[] => [{ action: `scheduler:${action}`, resource: groupArn(Name) }];
  return {
    CreateScheduleGroup: checkedAction('CreateScheduleGroup', z.strictObject({ Name: name, ...token }), {
      permissions: onGroup('CreateScheduleGroup'),
      run: ({ Name }) => ({ ScheduleGroupArn: schedules.addGroup(Name).arn }),
    }),
    GetScheduleGroup: checkedAction('GetScheduleGroup', z.strictObject({ Name: name }), {
      permissions: onGroup('GetScheduleGroup'),
      run: ({ Name }) => describeGroup(schedules.group(Name)),
    }),
    DeleteScheduleGroup: checkedAction('DeleteScheduleGroup', z.strictObject({ Name: name, ...token }), {
      // A group goes with its schedules.
      permissions: ({ Name }) => [
        ...onGroup('DeleteScheduleGroup')({ Name }),
        { action: 'scheduler:DeleteSchedule', resource: scheduleArn(Name, '*') },
      ],
      run: ({ Name }) => {
        schedules.deleteGroup(Name);
        return {};
      },
    }),
    ListScheduleGroups: checkedAction(
      'ListScheduleGroups',
      z.strictObject({ NamePrefix: z.string().default(''), ...page }),
      {
        run: ({ NamePrefix, MaxResults, NextToken }) => {
          const found = schedules.groups.filter((group) => group.name.startsWith(NamePrefix));
          const { items, ...rest } = paginate(found, MaxResults, NextToken);
          return { ScheduleGroups: items.map(describeGroup), ...rest };
        },
      },
    ),
  };
}

const describe = ({ properties, arn, createdAt, modifiedAt }: Schedule) => ({
  ...properties,
  Arn: arn,
  CreationDate: createdAt,
  LastModificationDate: modifiedAt,
});

const summarise = ({ properties, arn, createdAt, modifiedAt }: Schedule) => ({
  Name: properties.Name,
  GroupName: properties.GroupName,
  Arn: arn,
  State: properties.State,
  CreationDate: createdAt,
  LastModificationDate: modifiedAt,
  Target: { Arn: properties.Target.Arn },
});

const describeGroup = (group: ScheduleGroup) => ({
  Name: group.name,
  Arn: group.arn,
  State: 'ACTIVE',
  CreationDate: group.createdAt,
  LastModificationDate: group.createdAt,
});
