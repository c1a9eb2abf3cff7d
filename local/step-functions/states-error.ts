import type { JsonObject } from './json';

/** A failure in the words of the Amazon States Language: what Retry and Catch look at, and what ends an execution. */
export class StatesError extends Error {
  constructor(
    /** Absent when SendTaskFailure or a Fail state gave none. */
    readonly error: string | undefined,
    readonly reason: string | undefined,
    /** A heartbeat that did not come: reported as States.Timeout, and matched by States.HeartbeatTimeout too. */
    readonly isHeartbeat = false,
  ) {
    super(`${error ?? 'no error name'}: ${reason ?? 'no cause'}`);
    this.name = 'StatesError';
  }

  static runtime(reason: string): StatesError {
    return new StatesError('States.Runtime', reason);
  }

  static dataLimitExceeded(reason: string): StatesError {
    return new StatesError('States.DataLimitExceeded', reason);
  }

  /** Any thrown value as a StatesError; what is none was a mistake of the local AWS itself and cannot be caught by a definition. */
  static from(thrown: unknown): StatesError {
    if (thrown instanceof StatesError) return thrown;
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return StatesError.runtime(`The local AWS itself failed: ${text}`);
  }

  /** `error` and `cause` as history events and API answers have them. */
  get details(): { error?: string; cause?: string } {
    return {
      ...(this.error !== undefined && { error: this.error }),
      ...(this.reason !== undefined && { cause: this.reason }),
    };
  }

  /** `$states.errorOutput`. */
  get output(): JsonObject {
    return { Error: this.error ?? null, Cause: this.reason ?? null };
  }
}

/** Why a flow was ended from outside. It is no error of the definition: nothing retries or catches it. */
export class Aborted extends Error {
  constructor(readonly why: 'stopped' | 'timed-out' | 'sibling-failed' | 'shut-down') {
    super(`The flow was ended: ${why}.`);
    this.name = 'Aborted';
  }
}
