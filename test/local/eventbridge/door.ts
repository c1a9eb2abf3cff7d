import { setTimeout as delay } from 'node:timers/promises';
import type { AwsCall, AwsDoor, AwsOutput } from '../../../local/aws/aws-call';

/** A door that writes down who asked for what, and answers with `answer`. */
export class RecordingDoor implements AwsDoor {
  readonly calls: AwsCall[] = [];
  answer: (call: AwsCall, number: number) => AwsOutput | Promise<AwsOutput> = () => ({});

  async call(call: AwsCall): Promise<AwsOutput> {
    this.calls.push(call);
    return this.answer(call, this.calls.length);
  }

  get actions(): string[] {
    return this.calls.map(({ service, action }) => `${service}:${action}`);
  }

  /** The event that a Lambda function or state machine was given, read from the JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  payload(index: number): any {
    const { Payload, input, MessageBody, Message } = this.calls[index]!.input;
    return JSON.parse(
      Payload ? Buffer.from(Payload as Uint8Array).toString() : String(input ?? MessageBody ?? Message),
    );
  }
}

/** Waits until `condition` holds. */
export async function eventually(condition: () => boolean, seconds = 5): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`It did not come true within ${seconds} s: ${condition}`);
    await delay(5);
  }
}
