import { setTimeout as delay } from 'node:timers/promises';

/**
 * A clock that can be moved forward: Wait and Retry of state machines and schedules follow it, so that a test or the demo need not
 * wait for them. Time limits of tasks and scripts stay real.
 */
export class Clock {
  private offsetMs = 0;
  private readonly sleepers = new Set<() => void>();

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** Resolves when this clock reaches `until`; rejects with the signal's reason when it is aborted first. */
  async sleepUntil(until: Date, signal?: AbortSignal): Promise<void> {
    while (this.now() < until) {
      signal?.throwIfAborted();
      const moved = new AbortController();
      const wake = () => moved.abort();
      this.sleepers.add(wake);
      const left = Math.min(until.getTime() - this.now().getTime(), 2 ** 31 - 1);
      await delay(left, undefined, {
        signal: AbortSignal.any([moved.signal, ...(signal ? [signal] : [])]),
        ref: false,
      }).catch(() => undefined);
      this.sleepers.delete(wake);
    }
    signal?.throwIfAborted();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.sleepUntil(new Date(this.now().getTime() + ms), signal);
  }

  /** Moves the clock forward and wakes whoever's time has come. */
  moveTo(time: Date): void {
    const ahead = time.getTime() - this.now().getTime();
    if (ahead < 0)
      throw new RangeError(
        `The clock only moves forward: it is ${this.now().toISOString()}, asked for ${time.toISOString()}.`,
      );
    this.offsetMs += ahead;
    for (const wake of [...this.sleepers]) wake();
  }

  advance(ms: number): void {
    this.moveTo(new Date(this.now().getTime() + ms));
  }
}
