import { AwsError, type AwsDoor, type Caller } from '../../aws/aws-call';

/** A call of a target's own API by the ARN of the target. `input` is JSON text. */
export interface TargetCall {
  arn: string;
  input: string;
  caller: Caller;
  /** SqsParameters. */
  messageGroupId?: string;
}

type Build = (target: TargetCall) => { service: string; action: string; input: Record<string, unknown> };

const BY_SERVICE: Record<string, Build> = {
  lambda: ({ arn, input }) => ({
    service: 'lambda',
    action: 'Invoke',
    input: { FunctionName: arn, InvocationType: 'Event', Payload: new Uint8Array(Buffer.from(input)) },
  }),
  states: ({ arn, input }) => ({ service: 'states', action: 'StartExecution', input: { stateMachineArn: arn, input } }),
  sns: ({ arn, input }) => ({ service: 'sns', action: 'Publish', input: { TopicArn: arn, Message: input } }),
  sqs: ({ arn, input, messageGroupId }) => ({
    service: 'sqs',
    action: 'SendMessage',
    input: {
      QueueUrl: queueUrl(arn),
      MessageBody: input,
      ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
    },
  }),
};

const serviceOf = (arn: string) => /^arn:aws:([a-z]+):/.exec(arn)?.[1] ?? '';

export const isKnownTarget = (arn: string) => serviceOf(arn) in BY_SERVICE;

/** @throws AwsError as the target's API, or ValidationException when there is no such kind of target. */
export async function invokeTarget(door: AwsDoor, target: TargetCall): Promise<void> {
  const build = BY_SERVICE[serviceOf(target.arn)];
  if (!build) throw new AwsError('ValidationException', `The local AWS cannot deliver to ${target.arn}.`);
  await door.call({ ...build(target), caller: target.caller });
}

/** The URL that SQS gives a queue of this ARN. */
export function queueUrl(arn: string): string {
  const [, , , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** Puts what could not be delivered into a dead-letter queue; attributes tell why. */
export async function sendToDeadLetterQueue(
  door: AwsDoor,
  arn: string,
  body: string,
  attributes: Record<string, string>,
  caller: Caller,
) {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, { DataType: 'String', StringValue: value }]),
  );
  await door.call({
    service: 'sqs',
    action: 'SendMessage',
    input: { QueueUrl: queueUrl(arn), MessageBody: body, MessageAttributes },
    caller,
  });
}
