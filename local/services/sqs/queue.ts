import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock';

export interface SqsMessage {
  messageId: string;
  body: string;
  attributes: Record<string, unknown>;
  sentAt: Date;
  visibleAt: Date;
  receives: number;
  receiptHandle?: string;
}

export const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** A standard queue: what is received stays hidden for the visibility timeout and comes back unless it is deleted. */
export class Queue {
  private messages: SqsMessage[] = [];

  constructor(
    readonly name: string,
    readonly url: string,
    readonly arn: string,
    readonly attributes: Record<string, string>,
    private readonly clock: Clock,
  ) {}

  get visibilitySeconds(): number {
    return Number(this.attributes['VisibilityTimeout'] ?? 30);
  }

  send(body: string, attributes: Record<string, unknown>, delaySeconds = 0): SqsMessage {
    const now = this.clock.now();
    const message = {
      messageId: randomUUID(),
      body,
      attributes,
      sentAt: now,
      visibleAt: later(now, delaySeconds),
      receives: 0,
    };
    this.messages.push(message);
    return message;
  }

  receive(most: number, visibilitySeconds = this.visibilitySeconds): SqsMessage[] {
    const now = this.clock.now();
    const received = this.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
    for (const message of received) {
      message.receives += 1;
      message.visibleAt = later(now, visibilitySeconds);
      message.receiptHandle = randomUUID();
    }
    return received;
  }

  delete(receiptHandle: string): void {
    this.messages = this.messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  purge(): void {
    this.messages = [];
  }

  /** All attributes as GetQueueAttributes answers them. */
  describe(): Record<string, string> {
    const now = this.clock.now();
    const hidden = this.messages.filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter(({ receives }) => receives === 0).length;
    return {
      VisibilityTimeout: '30',
      MessageRetentionPeriod: '345600',
      ...this.attributes,
      QueueArn: this.arn,
      ApproximateNumberOfMessages: String(this.messages.length - hidden.length),
      ApproximateNumberOfMessagesNotVisible: String(hidden.length - delayed),
      ApproximateNumberOfMessagesDelayed: String(delayed),
    };
  }
}

const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000);
