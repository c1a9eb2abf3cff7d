import { Aborted, StatesError } from '../states-error';

/** TimeoutSeconds and HeartbeatSeconds of one attempt, in real time, and the end of its flow. */
export class TaskLimits {
  private readonly timers = new Set<NodeJS.Timeout>();
  private heartbeatTimer?: NodeJS.Timeout;
  private readonly passed: Promise<never>;
  private pass!: (reason: unknown) => void;

  constructor(
    private readonly signal: AbortSignal,
    timeoutSeconds: number | undefined,
    private readonly heartbeatSeconds: number | undefined,
  ) {
    this.passed = new Promise<never>((_, reject) => (this.pass = reject));
    this.passed.catch(() => undefined);
    signal.addEventListener('abort', this.aborted);
    if (signal.aborted) this.aborted();
    if (timeoutSeconds !== undefined) this.timer(timeoutSeconds, new StatesError('States.Timeout', undefined));
    this.heartbeat();
  }

  /** The heartbeat's time begins anew. */
  heartbeat(): void {
    if (this.heartbeatSeconds === undefined) return;
    if (this.heartbeatTimer) clearTimeout(this.heartbeatTimer);
    this.heartbeatTimer = this.timer(this.heartbeatSeconds, new StatesError('States.Timeout', undefined, true));
  }

  /** @throws StatesError States.Timeout when a limit passes first, Aborted when the flow ends first. */
  within<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.passed]);
  }

  dispose(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.signal.removeEventListener('abort', this.aborted);
  }

  private readonly aborted = () =>
    this.pass(this.signal.reason instanceof Aborted ? this.signal.reason : new Aborted('stopped'));

  private timer(seconds: number, failure: StatesError): NodeJS.Timeout {
    // The longest that a timer of Node.js takes is 24 days.
    const timer = setTimeout(() => this.pass(failure), Math.min(seconds * 1000, 2 ** 31 - 1));
    this.timers.add(timer);
    return timer;
  }
}
