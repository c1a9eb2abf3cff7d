import { setTimeout as delay } from 'node:timers/promises';

/** The longest that a timer of Node.js takes: 24 days. */
const MOST_MS = 2 ** 31 - 1;

/**
 * A clock that can be moved forward: Wait and Retry of state machines and schedules follow it, so that a test or the demo need not
 * wait for them. Time limits of tasks stay real, because what they limit is.
 */
export class Clock {
  private offsetMs = 0;
  /** What wakes each sleeper, and for when. */
  private readonly sleepers = new Map<() => void, Date>();

  now(): Date {
    return new Date(this.unmoved() + this.offsetMs);
  }

  /** Milliseconds since 1970 where the clock would be, had it never been moved. */
  protected unmoved(): number {
    return Date.now();
  }

  /** Resolves when this clock reaches `until`; rejects with the signal's reason when it is aborted first. */
  async sleepUntil(until: Date, signal?: AbortSignal): Promise<void> {
    while (this.now() < until) {
      signal?.throwIfAborted();
      const moved = new AbortController();
      const wake = () => moved.abort();
      this.sleepers.set(wake, until);
      const left = Math.min(Math.max(0, until.getTime() - this.now().getTime()), MOST_MS);
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

  /** A time limit, in real time. @returns what ends it before it has passed. */
  limit(ms: number, passed: () => void): () => void {
    const timer = setTimeout(passed, Math.min(ms, MOST_MS));
    return () => clearTimeout(timer);
  }

  /** Tells the clock of work that takes real time, such as an AWS call or a Lambda function; see VirtualClock. */
  during<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  /** When the next sleeper wakes. */
  protected get nextWake(): Date | undefined {
    const times = [...this.sleepers.values()];
    return times.length ? new Date(Math.min(...times.map((time) => time.getTime()))) : undefined;
  }

  /** Moves the clock forward and wakes whoever's time has come. */
  moveTo(time: Date): void {
    const ahead = time.getTime() - this.now().getTime();
    if (ahead < 0)
      throw new RangeError(
        `The clock only moves forward: it is ${this.now().toISOString()}, asked for ${time.toISOString()}.`,
      );
    this.offsetMs += ahead;
    for (const wake of [...this.sleepers.keys()]) wake();
  }

  advance(ms: number): void {
    this.moveTo(new Date(this.now().getTime() + ms));
  }
}
