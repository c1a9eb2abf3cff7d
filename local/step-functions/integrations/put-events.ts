import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { StatesError } from '../states-error';
import type { CallContext } from './integration';

/** Detail may be any JSON; each entry's Resources get the execution and the state machine. */
export function putEventsArguments(given: JsonObject, context: CallContext): JsonObject {
  if (!Array.isArray(given.Entries)) return given;
  return {
    ...given,
    Entries: given.Entries.map((entry) => (isObject(entry) ? putEventsEntry(entry as JsonObject, context) : entry)),
  };
}

function putEventsEntry(entry: JsonObject, { executionArn, stateMachineArn }: CallContext): JsonObject {
  const { Detail: detail, Resources: resources } = entry;
  return {
    ...entry,
    ...(detail !== undefined && { Detail: typeof detail === 'string' ? detail : JSON.stringify(detail) }),
    Resources: [...(Array.isArray(resources) ? resources : []), executionArn, stateMachineArn],
  };
}

/** @throws StatesError EventBridge.FailedEntry when one entry was refused, although the call itself was answered. */
export function putEventsResult(answer: JsonObject): Json {
  if (Number(answer.FailedEntryCount ?? 0) > 0)
    throw new StatesError('EventBridge.FailedEntry', JSON.stringify(answer));
  return answer;
}
