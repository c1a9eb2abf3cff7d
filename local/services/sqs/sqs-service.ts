import { setTimeout as delay } from 'node:timers/promises';
import type { AwsAction, AwsOutput, AwsService } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { SqsMessage } from './queue';
import { md5, Queue } from './queue';

type Input = Record<string, unknown>;

/** API_SendMessage: 1 MiB since August 2025. */
const MOST_MESSAGE_BYTES = 1_048_576;

/** SQS, as far as dead-letter queues and subscribers need it. Standard queues only. */
export class SqsService implements AwsService {
  readonly name = 'sqs';
  private readonly queues = new Map<string, Queue>();
  private stopped = false;

  constructor(
    private readonly endpoint: string,
    private readonly clock: Clock,
  ) {}

  readonly actions: Record<string, AwsAction> = {
    CreateQueue: {
      run: async (input) => ({
        QueueUrl: this.create(String(input['QueueName']), (input['Attributes'] ?? {}) as Record<string, string>).url,
      }),
    },
    ListQueues: {
      run: async ({ QueueNamePrefix: prefix = '' }) => ({
        QueueUrls: [...this.queues.values()]
          .filter(({ name }) => name.startsWith(prefix as string))
          .map(({ url }) => url),
      }),
    },
    GetQueueUrl: { run: async (input) => ({ QueueUrl: this.byName(String(input['QueueName'])).url }) },
    GetQueueAttributes: this.onQueue('GetQueueAttributes', async (queue, input) => this.attributes(queue, input)),
    SendMessage: this.onQueue('SendMessage', async (queue, input) => this.send(queue, input)),
    ReceiveMessage: this.onQueue('ReceiveMessage', (queue, input) => this.receive(queue, input)),
    DeleteMessage: this.onQueue(
      'DeleteMessage',
      async (queue, input) => (queue.delete(String(input['ReceiptHandle'])), {}),
    ),
    PurgeQueue: this.onQueue('PurgeQueue', async (queue) => (queue.purge(), {})),
  };

  async stop(): Promise<void> {
    this.stopped = true;
  }

  /** The queue of an ARN, for services that deliver to it. */
  urlOf(arn: string): string {
    return this.byName(arn.split(':').at(-1)!).url;
  }

  private create(name: string, attributes: Record<string, string>): Queue {
    if (name.endsWith('.fifo') || attributes['FifoQueue'] === 'true') {
      throw new AwsError('InvalidAttributeValue', `${name}: the local AWS has standard queues only.`);
    }
    const queue =
      this.queues.get(name) ??
      new Queue(
        name,
        `${this.endpoint}/${ACCOUNT}/${name}`,
        `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
        attributes,
        this.clock,
      );
    this.queues.set(name, queue);
    return queue;
  }

  private byName(name: string): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw new AwsError('QueueDoesNotExist', `The specified queue ${name} does not exist.`);
    return queue;
  }

  private onQueue(action: string, run: (queue: Queue, input: Input) => Promise<AwsOutput>): AwsAction {
    const find = (input: Input) => this.byName(String(input['QueueUrl']).split('/').at(-1)!);
    return {
      permissions: (input) => [{ action: `sqs:${action}`, resource: find(input).arn }],
      run: (input) => run(find(input), input),
    };
  }

  private attributes(queue: Queue, { AttributeNames: names = [] }: Input): AwsOutput {
    const all = Object.entries(queue.describe());
    const wanted = names as string[];
    return {
      Attributes: Object.fromEntries(wanted.includes('All') ? all : all.filter(([name]) => wanted.includes(name))),
    };
  }

  private send(queue: Queue, input: Input): AwsOutput {
    const body = String(input['MessageBody'] ?? '');
    if (body === '') throw new AwsError('InvalidParameterValue', 'The message body must not be empty.');
    if (Buffer.byteLength(body) > MOST_MESSAGE_BYTES) {
      throw new AwsError(
        'InvalidParameterValue',
        `One or more parameters are invalid. Reason: Message must be shorter than ${MOST_MESSAGE_BYTES} bytes.`,
      );
    }
    const attributes = (input['MessageAttributes'] ?? {}) as Record<string, unknown>;
    const message = queue.send(body, attributes, (input['DelaySeconds'] as number | undefined) ?? 0);
    return { MessageId: message.messageId, MD5OfMessageBody: md5(body) };
  }

  /** Long polling waits in real time, as the caller's own time limit does. */
  private async receive(queue: Queue, input: Input): Promise<AwsOutput> {
    const most = (input['MaxNumberOfMessages'] as number | undefined) ?? 1;
    if (most < 1 || most > 10)
      throw new AwsError('InvalidParameterValue', `MaxNumberOfMessages must be 1 to 10, not ${most}.`);
    const until = Date.now() + ((input['WaitTimeSeconds'] as number | undefined) ?? 0) * 1000;
    const visibility = input['VisibilityTimeout'] as number | undefined;
    let received = queue.receive(most, visibility);
    while (!received.length && Date.now() < until && !this.stopped) {
      await delay(100);
      received = queue.receive(most, visibility);
    }
    return received.length ? { Messages: received.map(describeMessage) } : {};
  }
}

function describeMessage(message: SqsMessage): AwsOutput {
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: {
      SentTimestamp: String(message.sentAt.getTime()),
      ApproximateReceiveCount: String(message.receives),
    },
    ...(Object.keys(message.attributes).length && { MessageAttributes: message.attributes }),
  };
}
