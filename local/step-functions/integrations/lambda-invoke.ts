import type { AwsOutput } from '../../aws/aws-call';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { StatesError } from '../states-error';

/** Payload may be any JSON; the function gets its text. */
export function invokeArguments(given: JsonObject): JsonObject {
  return given.Payload === undefined ? given : { ...given, Payload: JSON.stringify(given.Payload) };
}

/**
 * The answer with the payload parsed.
 * @throws StatesError named by the error that the function threw (`errorType`), with the function's whole answer as the cause.
 */
export function invokeResult(answer: JsonObject, raw: AwsOutput): JsonObject {
  const text = payloadText(raw.Payload);
  if (raw.FunctionError) throw functionError(text);
  const { Payload: _, ...rest } = answer;
  return { ...rest, ...(text !== undefined && { Payload: text === '' ? {} : (JSON.parse(text) as Json) }) };
}

function functionError(text = ''): StatesError {
  let errorType: unknown;
  try {
    const payload: unknown = JSON.parse(text);
    errorType = isObject(payload) ? payload.errorType : undefined;
  } catch {
    // An answer that is no JSON has no error type either.
  }
  if (typeof errorType === 'string') return new StatesError(errorType, text);
  return new StatesError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  );
}

function payloadText(payload: unknown): string | undefined {
  if (payload instanceof Uint8Array) return Buffer.from(payload).toString('utf8');
  return typeof payload === 'string' ? payload : undefined;
}
