import { USER_ERRORS, type UserErrorName } from '../../contracts/failures';
import type { ApiError } from '../../contracts/api/routes';
import { logger } from '../../runtime/lambda';

/** An answer that is not 2xx. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
    readonly whatToDo: string,
  ) {
    super(message);
  }
}

export const notFound = (message: string, whatToDo: string) => new ApiFailure(404, 'NotFound', message, whatToDo);
export const invalid = (message: string, whatToDo: string) => new ApiFailure(400, 'InvalidInput', message, whatToDo);

/** Those that are not a conflict with the state of the cluster. */
const STATUS: Partial<Record<UserErrorName, number>> = { InvalidInput: 400, UnknownCluster: 404 };

/** What went wrong as an answer; an unexpected error is logged, and the answer leaves out its details. */
export function describeFailure(error: unknown, what: string): { status: number; body: ApiError } {
  if (error instanceof ApiFailure) {
    const { status, message, whatToDo } = error;
    return { status, body: { error: error.error, message, whatToDo } };
  }
  const { name, message } = error as Error;
  if ((USER_ERRORS as readonly string[]).includes(name)) {
    const status = STATUS[name as UserErrorName] ?? 409;
    return { status, body: { error: name, message, whatToDo: `See "${name}" in docs/operator-runbook.md.` } };
  }
  if (/Throttl|TooManyRequests|RequestLimitExceeded/.test(name)) {
    const body = { error: 'Throttled', message: 'AWS throttled a call that this request needs.' };
    return { status: 429, body: { ...body, whatToDo: 'Try again in a few seconds.' } };
  }
  logger.error('A request failed', { what, error: error as Error });
  const body = { error: 'InternalError', message: `The API failed at ${what}.` };
  return { status: 500, body: { ...body, whatToDo: "Read the log of the API's Lambda function, and try again." } };
}
