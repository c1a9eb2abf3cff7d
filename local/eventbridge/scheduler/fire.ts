import { randomUUID } from 'node:crypto';
import { AwsError, type AwsDoor, type Caller } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import { eventTime } from '../bus-event';
import { invokeTarget, sendToDeadLetterQueue } from '../delivery/invoke-target';
import { DEFAULT_RETRY_POLICY, deliverWithRetries, type DeliveryFailure } from '../delivery/retry';
import type { Schedule } from './schedule';
import { isUniversalTarget, universalCall } from './universal-target';

export interface Fire {
  clock: Clock;
  door: AwsDoor;
  signal: AbortSignal;
  /** Told of a call that reached neither its target nor a dead-letter queue. */
  onLost?(schedule: string, failure: DeliveryFailure): void;
}

/** Calls a schedule's target as the schedule's role, again after errors that pass, and puts what failed into its dead-letter queue. */
export async function fire(schedule: Schedule, due: Date, { clock, door, signal, onLost }: Fire): Promise<void> {
  const { Target } = schedule.properties;
  const caller: Caller = { principal: Target.RoleArn as `arn:${string}` };
  const executionId = randomUUID();
  const input = (attempt: number) =>
    withContext(Target.Input ?? '{}', {
      'schedule-arn': schedule.arn,
      'scheduled-time': eventTime(due),
      'execution-id': executionId,
      'attempt-number': String(attempt),
    });
  const attempt = async (number: number) => {
    if (isUniversalTarget(Target.Arn)) return door.call({ ...universalCall(Target.Arn, input(number)), caller });
    const messageGroupId = Target.SqsParameters?.MessageGroupId;
    return invokeTarget(door, {
      arn: Target.Arn,
      input: input(number),
      caller,
      ...(messageGroupId !== undefined && { messageGroupId }),
    });
  };
  const failure = await deliverWithRetries(attempt, Target.RetryPolicy ?? DEFAULT_RETRY_POLICY, clock, signal);
  if (!failure) return;
  try {
    const queue = Target.DeadLetterConfig?.Arn;
    if (!queue) throw new AwsError(failure.code, failure.message);
    const attributes = {
      SCHEDULE_ARN: schedule.arn,
      TARGET_ARN: Target.Arn,
      SCHEDULED_TIME: eventTime(due),
      EXECUTION_ID: executionId,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      ...(failure.exhausted && { EXHAUSTED_RETRY_CONDITION: failure.exhausted }),
      RETRY_ATTEMPTS: String(failure.retries),
    };
    await sendToDeadLetterQueue(door, queue, input(failure.retries + 1), attributes, caller);
  } catch (error) {
    onLost?.(schedule.arn, { ...failure, code: (error as Error).name, message: (error as Error).message });
  }
}

/** `<aws.scheduler.scheduled-time>` and its like; they have no character that would have to be escaped in JSON. */
function withContext(input: string, attributes: Record<string, string>): string {
  return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (found, key: string) => attributes[key] ?? found);
}
