import { z } from 'zod';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { timestamp } from '../../aws/checked-action';
import { isKnownTarget } from '../delivery/invoke-target';
import { retryPolicy } from '../delivery/retry';
import { scheduleExpression, type NextTime } from './schedule-expression';
import { isUniversalTarget } from './universal-target';

const targetSchema = z.strictObject({
  Arn: z
    .string()
    .refine(
      (arn) => isUniversalTarget(arn) || isKnownTarget(arn),
      'expected a Lambda function, a state machine, an SNS topic, an SQS queue or arn:aws:scheduler:::aws-sdk:<service>:<action>',
    ),
  RoleArn: z.string().regex(/^arn:aws:iam::\d{12}:role\/.+/, 'expected the ARN of a role'),
  Input: z.string().min(1).optional(),
  RetryPolicy: retryPolicy.optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string().optional() }).optional(),
});

export const name = z.string().regex(/^[0-9a-zA-Z\-_.]{1,64}$/, 'expected 1 to 64 letters, digits, "-", "_" or "."');

/** What CreateSchedule and UpdateSchedule have in common. */
export const scheduleSchema = z.strictObject({
  Name: name,
  GroupName: name.default('default'),
  ScheduleExpression: z.string().max(256),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  StartDate: timestamp.optional(),
  EndDate: timestamp.optional(),
  Description: z.string().max(512).optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF', 'the local scheduler knows OFF only') }),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).default('NONE'),
  Target: targetSchema,
});
export type ScheduleProperties = z.output<typeof scheduleSchema>;

export const scheduleArn = (group: string, schedule: string) =>
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${group}/${schedule}`;
export const groupArn = (group: string) => `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/${group}`;

/** A schedule and how far it has got. */
export class Schedule {
  readonly arn: string;
  private readonly next: NextTime;
  /** The next time that it fires, which may have passed already; undefined when it is disabled or over. */
  due: Date | undefined;

  /** @throws AwsError ValidationException for an expression, a time zone or an order of dates that is not valid. */
  constructor(
    readonly properties: ScheduleProperties,
    readonly createdAt: Date,
    readonly modifiedAt: Date,
  ) {
    const { ScheduleExpression, ScheduleExpressionTimezone, StartDate, EndDate, GroupName, Name } = properties;
    if (StartDate && EndDate && StartDate > EndDate)
      throw new AwsError('ValidationException', 'The StartDate is after the EndDate.');
    this.next = scheduleExpression(ScheduleExpression, ScheduleExpressionTimezone);
    this.arn = scheduleArn(GroupName, Name);
    // A moment before, so that a rate can begin at once.
    this.due = this.after(new Date(modifiedAt.getTime() - 1));
  }

  fired(time: Date): void {
    this.due = this.after(time);
  }

  private after(time: Date): Date | undefined {
    const { State, StartDate, EndDate } = this.properties;
    if (State === 'DISABLED') return undefined;
    const from = StartDate && StartDate > time ? new Date(StartDate.getTime() - 1) : time;
    const due = this.next(from, StartDate ?? this.modifiedAt);
    return due && (!EndDate || due <= EndDate) ? due : undefined;
  }
}
