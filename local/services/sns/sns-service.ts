import { randomUUID } from 'node:crypto';
import type { AwsAction, AwsDoor, AwsOutput, AwsService } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import { paginate } from '../../aws/paginate';

type Input = Record<string, unknown>;

/** A message that was published: nothing leaves this machine, so it is kept instead of sent. */
export interface PublishedMessage {
  messageId: string;
  topicArn: string;
  subject?: string;
  message: string;
  attributes: Record<string, unknown>;
  /** Addresses of the e-mail subscriptions that would have got it. */
  emails: string[];
  time: Date;
}

interface Topic {
  arn: string;
  attributes: Record<string, string>;
  subscriptions: { arn: string; protocol: string; endpoint: string; filter: FilterPolicy }[];
}

type FilterPolicy = Record<string, (string | { exists: false })[]>;
type MessageAttributes = Record<string, { StringValue?: string }>;

/** By attributes: each that the policy names has one of the values, or is absent where it may be. */
const takes = (policy: FilterPolicy, attributes: MessageAttributes): boolean =>
  Object.entries(policy).every(([name, wanted]) => {
    const value = attributes[name]?.StringValue;
    return wanted.some((one) => (typeof one === 'string' ? one === value : value === undefined));
  });

const MOST_MESSAGE_BYTES = 262_144;

export class SnsService implements AwsService {
  readonly name = 'sns';
  private readonly topics = new Map<string, Topic>();
  private readonly messages: PublishedMessage[] = [];

  constructor(
    private readonly door: AwsDoor,
    private readonly clock: Clock,
    /** URL of the queue with this ARN. */
    private readonly queueUrl: (arn: string) => string,
  ) {}

  readonly actions: Record<string, AwsAction> = {
    CreateTopic: { run: async (input) => this.createTopic(input) },
    ListTopics: {
      run: async ({ NextToken: token }) => {
        const { items, NextToken } = paginate([...this.topics.keys()], 100, token as string | undefined);
        return { Topics: items.map((arn) => ({ TopicArn: arn })), ...(NextToken && { NextToken }) };
      },
    },
    GetTopicAttributes: this.onTopic('GetTopicAttributes', async (topic) => ({
      Attributes: {
        ...topic.attributes,
        TopicArn: topic.arn,
        Owner: ACCOUNT,
        SubscriptionsConfirmed: String(topic.subscriptions.length),
      },
    })),
    Subscribe: this.onTopic('Subscribe', async (topic, input) => this.subscribe(topic, input)),
    ListSubscriptions: {
      run: async () => ({ Subscriptions: [...this.topics.values()].flatMap(describeSubscriptions) }),
    },
    ListSubscriptionsByTopic: this.onTopic('ListSubscriptionsByTopic', async (topic) => ({
      Subscriptions: describeSubscriptions(topic),
    })),
    Publish: this.onTopic('Publish', (topic, input) => this.publish(topic, input)),
  };

  /** Everything that was published, oldest first. */
  published(): PublishedMessage[] {
    return [...this.messages];
  }

  private createTopic({ Name: name, Attributes: attributes = {} }: Input): AwsOutput {
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(String(name))) {
      throw new AwsError(
        'InvalidParameterException',
        `Invalid parameter: Topic Name: ${String(name)} (the local AWS has standard topics only)`,
      );
    }
    const arn = `arn:aws:sns:${REGION}:${ACCOUNT}:${String(name)}`;
    if (!this.topics.has(arn))
      this.topics.set(arn, { arn, attributes: attributes as Record<string, string>, subscriptions: [] });
    return { TopicArn: arn };
  }

  private onTopic(action: string, run: (topic: Topic, input: Input) => Promise<AwsOutput>): AwsAction {
    return {
      permissions: (input) => [{ action: `sns:${action}`, resource: String(input['TopicArn']) }],
      run: async (input) => {
        const topic = this.topics.get(String(input['TopicArn']));
        if (!topic) throw new AwsError('NotFoundException', `Topic does not exist: ${String(input['TopicArn'])}`, 404);
        return run(topic, input);
      },
    };
  }

  private subscribe(topic: Topic, { Protocol: protocol, Endpoint: endpoint, Attributes }: Input): AwsOutput {
    if (!['email', 'email-json', 'sqs'].includes(String(protocol))) {
      throw new AwsError(
        'InvalidParameterException',
        `Invalid parameter: Protocol ${String(protocol)}: the local AWS has email, email-json and sqs.`,
      );
    }
    const arn = `${topic.arn}:${randomUUID()}`;
    const { FilterPolicy } = (Attributes ?? {}) as { FilterPolicy?: string };
    const filter = FilterPolicy === undefined ? {} : (JSON.parse(FilterPolicy) as FilterPolicy);
    topic.subscriptions.push({ arn, protocol: String(protocol), endpoint: String(endpoint), filter });
    return { SubscriptionArn: arn };
  }

  private async publish(topic: Topic, input: Input): Promise<AwsOutput> {
    const {
      Message: message,
      Subject: subject,
      MessageAttributes: attributes = {},
      MessageStructure: structure,
    } = input;
    if (structure !== undefined)
      throw new AwsError(
        'InvalidParameterException',
        'Invalid parameter: MessageStructure is not supported by the local AWS.',
      );
    assertPublishable(message, subject);
    const takers = topic.subscriptions.filter(({ filter }) => takes(filter, attributes as MessageAttributes));
    const published: PublishedMessage = {
      messageId: randomUUID(),
      topicArn: topic.arn,
      ...(subject !== undefined && { subject: String(subject) }),
      message: String(message),
      attributes: attributes as Record<string, unknown>,
      emails: takers.filter(({ protocol }) => protocol.startsWith('email')).map(({ endpoint }) => endpoint),
      time: this.clock.now(),
    };
    this.messages.push(published);
    for (const { protocol, endpoint } of takers) if (protocol === 'sqs') await this.deliver(topic, endpoint, published);
    return { MessageId: published.messageId };
  }

  /** As SNS does, in its own name: the queue's policy has to allow it. A refusal is lost without a word there, so it is told here. */
  private async deliver(topic: Topic, queueArn: string, message: PublishedMessage): Promise<void> {
    const body = {
      Type: 'Notification',
      MessageId: message.messageId,
      TopicArn: topic.arn,
      Subject: message.subject,
      Message: message.message,
      Timestamp: message.time.toISOString(),
    };
    await this.door.call({
      service: 'sqs',
      action: 'SendMessage',
      input: { QueueUrl: this.queueUrl(queueArn), MessageBody: JSON.stringify(body) },
      caller: { principal: 'sns.amazonaws.com', sourceArn: topic.arn },
    });
  }
}

function assertPublishable(message: unknown, subject: unknown): void {
  if (typeof message !== 'string' || message === '')
    throw new AwsError('InvalidParameterException', 'Invalid parameter: Empty message');
  if (Buffer.byteLength(message) > MOST_MESSAGE_BYTES)
    throw new AwsError('InvalidParameterException', 'Invalid parameter: Message too long');
  // API_Publish: ASCII text that begins with a letter, number or punctuation mark, no line breaks, at most 100 characters.
  if (subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(String(subject))) {
    throw new AwsError(
      'InvalidParameterException',
      `Invalid parameter: Subject (1 to 100 printable ASCII characters, got ${JSON.stringify(subject)})`,
    );
  }
}

function describeSubscriptions({ arn, subscriptions }: Topic): AwsOutput[] {
  return subscriptions.map((subscription) => ({
    SubscriptionArn: subscription.arn,
    Owner: ACCOUNT,
    Protocol: subscription.protocol,
    Endpoint: subscription.endpoint,
    TopicArn: arn,
  }));
}
