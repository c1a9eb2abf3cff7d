import type { Clock } from '../../clock';
import { Aborted, StatesError } from '../states-error';

/** TimeoutSeconds and HeartbeatSeconds of one attempt, and the end of its flow. */
export class TaskLimits {
  private endTimeout?: () => void;
  private endHeartbeat?: () => void;
  private readonly passed: Promise<never>;
  private pass!: (reason: unknown) => void;

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    timeoutSeconds: number | undefined,
    private readonly heartbeatSeconds: number | undefined,
  ) {
    this.passed = new Promise<never>((_, reject) => (this.pass = reject));
    this.passed.catch(() => undefined);
    signal.addEventListener('abort', this.aborted);
    if (signal.aborted) this.aborted();
    if (timeoutSeconds !== undefined)
      this.endTimeout = this.limit(timeoutSeconds, new StatesError('States.Timeout', undefined));
    this.heartbeat();
  }

  /** The heartbeat's time begins anew. */
  heartbeat(): void {
    if (this.heartbeatSeconds === undefined) return;
    this.endHeartbeat?.();
    this.endHeartbeat = this.limit(this.heartbeatSeconds, new StatesError('States.Timeout', undefined, true));
  }

  /** @throws StatesError States.Timeout when a limit passes first, Aborted when the flow ends first. */
  within<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.passed]);
  }

  dispose(): void {
    this.endTimeout?.();
    this.endHeartbeat?.();
    this.signal.removeEventListener('abort', this.aborted);
  }

  private readonly aborted = () =>
    this.pass(this.signal.reason instanceof Aborted ? this.signal.reason : new Aborted('stopped'));

  private limit(seconds: number, failure: StatesError): () => void {
    return this.clock.limit(seconds * 1000, () => this.pass(failure));
  }
}
