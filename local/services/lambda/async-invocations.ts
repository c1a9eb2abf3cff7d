import type { Clock } from '../../clock';
import type { InvocationOutcome } from '../../lambda/function-definition';

/** How long Lambda waits before it tries a failed asynchronous invocation again: twice. */
const RETRY_AFTER_MS = [60_000, 120_000];
/**
 * How many asynchronous invocations of one function run at once; the others wait in its queue. Each copy of a function is a thread with the whole
 * bundle (about 40 MB), and hundreds of events may come at the same moment.
 */
const AT_ONCE = 4;

/** Invocations of type Event: nobody waits for them, and failed ones are repeated (the waiting follows the movable clock). */
export class AsyncInvocations {
  private readonly stopping = new AbortController();
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly clock: Clock) {}

  start(functionName: string, run: () => Promise<InvocationOutcome>): void {
    const queue = this.queues.get(functionName) ?? new Queue();
    this.queues.set(functionName, queue);
    void this.repeat(() => queue.run(run));
  }

  stop(): void {
    this.stopping.abort();
  }

  private async repeat(run: () => Promise<InvocationOutcome>): Promise<void> {
    for (const wait of [...RETRY_AFTER_MS, undefined]) {
      // A throttled invocation counts as failed; so does one that the stopping runtime refuses.
      const outcome = await this.clock.during(run()).catch(() => undefined);
      if ((outcome && !outcome.functionError) || wait === undefined) return;
      try {
        await this.clock.sleep(wait, this.stopping.signal);
      } catch {
        return; // stopped
      }
    }
  }
}

/** Runs AT_ONCE of what it is given, and the next one whenever one has ended. */
class Queue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await act();
    } finally {
      // The place goes to the next one.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
