import { z } from 'zod';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { checked } from '../../aws/checked-action';
import { retryPolicy } from '../delivery/retry';
import { isKnownTarget } from '../delivery/invoke-target';
import { checkPath } from './event-path';
import { eventPattern, type EventMatcher } from './event-pattern';

export const targetSchema = z
  .strictObject({
    Id: z.string().min(1).max(64),
    Arn: z
      .string()
      .refine(
        isKnownTarget,
        'the local EventBridge knows Lambda functions, state machines, SNS topics and SQS queues as targets',
      ),
    RoleArn: z.string().optional(),
    Input: z.string().optional(),
    InputPath: z.string().optional(),
    InputTransformer: z
      .strictObject({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string().min(1) })
      .optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
    RetryPolicy: retryPolicy.optional(),
    SqsParameters: z.strictObject({ MessageGroupId: z.string().optional() }).optional(),
  })
  .superRefine((target, context) => {
    const given = [target.Input, target.InputPath, target.InputTransformer].filter((one) => one !== undefined);
    if (given.length > 1)
      context.addIssue({ code: 'custom', message: 'only one of Input, InputPath and InputTransformer is allowed' });
  });
export type Target = z.output<typeof targetSchema>;

export const putRule = z.strictObject({
  Name: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/, 'expected 1 to 64 letters, digits, ".", "-" or "_"'),
  EventBusName: z.string().default('default'),
  EventPattern: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Description: z.string().max(512).optional(),
  RoleArn: z.string().optional(),
});

export interface Rule {
  name: string;
  bus: string;
  arn: string;
  enabled: boolean;
  description?: string;
  roleArn?: string;
  /** JSON text. */
  pattern: string;
  matches: EventMatcher;
  targets: Target[];
}

const MOST_TARGETS = 5;

/** ARNs and names both name a bus. */
export const busName = (nameOrArn: string) => nameOrArn.replace(/^arn:aws:events:[^:]*:[^:]*:event-bus\//, '');

export const ruleArn = (bus: string, name: string) =>
  `arn:aws:events:${REGION}:${ACCOUNT}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;

/** @throws AwsError ValidationException, InvalidEventPatternException. */
export function newRule(input: z.output<typeof putRule>, targets: Target[]): Rule {
  const bus = busName(input.EventBusName);
  return {
    name: input.Name,
    bus,
    arn: ruleArn(bus, input.Name),
    enabled: input.State === 'ENABLED',
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
    pattern: input.EventPattern,
    matches: eventPattern(readPattern(input.EventPattern)),
    targets,
  };
}

function readPattern(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('InvalidEventPatternException', `The event pattern is not JSON: ${text}.`);
  }
}

/** @throws AwsError ValidationException, LimitExceededException. */
export function withTargets(rule: Rule, given: unknown[]): Target[] {
  const added = given.map((one) => {
    const target = checked(`Target of the rule ${rule.name}`, targetSchema, one);
    for (const path of [target.InputPath ?? '$', ...Object.values(target.InputTransformer?.InputPathsMap ?? {})])
      checkPath(path);
    if (target.Arn.startsWith('arn:aws:states:') && !target.RoleArn) {
      throw new AwsError(
        'ValidationException',
        `The target ${target.Id} of the rule ${rule.name} is a state machine and needs a RoleArn.`,
      );
    }
    return target;
  });
  const kept = rule.targets.filter(({ Id }) => !added.some((target) => target.Id === Id));
  if (kept.length + added.length > MOST_TARGETS)
    throw new AwsError('LimitExceededException', `A rule has at most ${MOST_TARGETS} targets.`);
  return [...kept, ...added];
}
