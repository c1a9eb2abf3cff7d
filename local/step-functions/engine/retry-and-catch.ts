import type { Catcher, FailableState, Retrier } from '../definition/types';
import { Payload } from '../json';
import { Aborted, StatesError } from '../states-error';
import type { Flow, Transition } from './flow';

/**
 * Runs a state's attempts: a failure is retried as its retriers say, then given to the first catcher that matches.
 * @param attempt one attempt, up to and with leaving the state.
 * @param onGivenUp called before catchers are looked at: no retrier takes the failure any more.
 */
export async function withRetryAndCatch(
  flow: Flow,
  state: FailableState,
  attempt: () => Promise<Transition>,
  onGivenUp: () => void = () => undefined,
): Promise<Transition> {
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      if (thrown instanceof Aborted) throw thrown;
      const failure = StatesError.from(thrown);
      if (await waitForRetry(flow, state, failure)) continue;
      flow.throwIfAborted();
      onGivenUp();
      const catcher = state.catchers.find(({ errorEquals }) => matches(errorEquals, failure));
      if (!catcher) throw failure;
      return leaveByCatcher(flow, catcher, failure);
    }
  }
}

/** @returns whether a retrier takes the failure, after its delay on the clock. */
async function waitForRetry(flow: Flow, state: FailableState, failure: StatesError): Promise<boolean> {
  const position = flow.position!;
  const index = state.retriers.findIndex(({ errorEquals }) => matches(errorEquals, failure));
  const retrier = state.retriers[index];
  if (!retrier || position.attempts[index]! >= retrier.maxAttempts) return false;
  const delay = retryDelaySeconds(retrier, position.attempts[index]!, Math.random());
  position.attempts[index]!++;
  position.retryCount++;
  delete position.children;
  await flow.run.clock.sleep(delay * 1000, flow.signal).catch(() => undefined);
  flow.throwIfAborted();
  flow.run.countTransition();
  return true;
}

function leaveByCatcher(flow: Flow, { output, assign, next }: Catcher, failure: StatesError): Promise<Transition> {
  const errorOutput = failure.output;
  return flow.leave({ fallback: Payload.of(errorOutput), reads: { errorOutput }, output, assign, next });
}

/**
 * @param attempt 0 for the delay before the first retry.
 * @param chance from 0 to 1: what full jitter takes of the delay.
 */
export function retryDelaySeconds(retrier: Retrier, attempt: number, chance: number): number {
  const delay = retrier.intervalSeconds * retrier.backoffRate ** attempt;
  return Math.min(delay, retrier.maxDelaySeconds ?? Infinity) * (retrier.fullJitter ? chance : 1);
}

/** Whether ErrorEquals takes a failure. Sources: Amazon States Language, "Errors"; AWS, "Handling errors in Step Functions workflows". */
export function matches(errorEquals: readonly string[], failure: StatesError): boolean {
  // Always ends the execution.
  if (failure.error === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === failure.error) return true;
    if (name === 'States.HeartbeatTimeout') return failure.isHeartbeat;
    // Taken only by its own name.
    if (failure.error === 'States.DataLimitExceeded') return false;
    if (name === 'States.TaskFailed') return failure.error !== 'States.Timeout';
    return name === 'States.ALL';
  });
}
