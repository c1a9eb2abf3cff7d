import type { Clock } from '../../clock';
import type { InvocationOutcome } from '../../lambda/function-definition';

/** How long Lambda waits before it tries a failed asynchronous invocation again: twice. */
const RETRY_AFTER_MS = [60_000, 120_000];

/** Invocations of type Event: nobody waits for them, and failed ones are repeated (the waiting follows the movable clock). */
export class AsyncInvocations {
  private readonly stopping = new AbortController();

  constructor(private readonly clock: Clock) {}

  start(run: () => Promise<InvocationOutcome>): void {
    void this.repeat(run);
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
