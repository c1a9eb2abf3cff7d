import type { OperationFailedDetail } from '../../contracts/events';

/**
 * What to tell of an execution that ended without its own catch: stopped by somebody, or out of time. Undefined for the other
 * endings: a failure was told by `conclude-failure`, and success is none.
 */
export function describeEnding(
  status: string,
  operation: string,
  cluster: string | undefined,
  execution: string,
): OperationFailedDetail | undefined {
  const what = `${operation}${cluster === undefined ? '' : ` of ${cluster}`}`;
  const then =
    'a script may still be running on a node and ends by itself; start the operation again after that, it goes on where it stopped';
  const ending = {
    ABORTED: { error: 'Aborted', cause: `${what} was stopped by somebody before its end: ${then}.` },
    TIMED_OUT: { error: 'States.Timeout', cause: `${what} took longer than its time limit: ${then}.` },
  }[status];
  return ending && { operation, ...(cluster === undefined ? {} : { cluster }), execution, ...ending };
}
