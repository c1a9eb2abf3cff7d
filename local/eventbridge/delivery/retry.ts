import { z } from 'zod';
import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';

const MOST_SECONDS = 86_400;
const MOST_ATTEMPTS = 185;

export const retryPolicy = z.strictObject({
  MaximumRetryAttempts: z.number().int().min(0).max(MOST_ATTEMPTS).default(MOST_ATTEMPTS),
  MaximumEventAgeInSeconds: z.number().int().min(60).max(MOST_SECONDS).default(MOST_SECONDS),
});
export type RetryPolicy = z.output<typeof retryPolicy>;

export const DEFAULT_RETRY_POLICY = retryPolicy.parse({});

/** Why a delivery was given up. */
export interface DeliveryFailure {
  code: string;
  message: string;
  /** Retries after the first attempt. */
  retries: number;
  exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

/**
 * Tries until it succeeds, the policy is exhausted, or the error is one that trying again does not mend (no permission, no such
 * target, not valid). The pauses (1, 2, 4 ... at most 60 s) follow the clock.
 * @returns undefined after a success. @throws the signal's reason when that is aborted during a pause.
 */
export async function deliverWithRetries(
  attempt: (number: number) => Promise<unknown>,
  policy: RetryPolicy,
  clock: Clock,
  signal: AbortSignal,
): Promise<DeliveryFailure | undefined> {
  const expires = clock.now().getTime() + policy.MaximumEventAgeInSeconds * 1000;
  for (let retries = 0; ; retries++) {
    try {
      await attempt(retries + 1);
      return undefined;
    } catch (error) {
      const failure = { code: (error as Error).name, message: (error as Error).message, retries };
      if (!mayHelp(error)) return failure;
      if (retries >= policy.MaximumRetryAttempts) return { ...failure, exhausted: 'MaximumRetryAttempts' };
      const pause = Math.min(2 ** retries, 60) * 1000;
      if (clock.now().getTime() + pause > expires) return { ...failure, exhausted: 'MaximumEventAgeInSeconds' };
      await clock.sleep(pause, signal);
    }
  }
}

function mayHelp(error: unknown): boolean {
  if (!(error instanceof AwsError)) return true;
  return (
    error.status >= 500 ||
    /Throttl|TooManyRequests|LimitExceeded|Unavailable|InternalServer|InternalFailure/.test(error.code)
  );
}
