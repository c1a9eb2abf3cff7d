import { findIntegration } from '../integrations/find-integration';
import type { Json } from '../json';
import { isTimestamp } from '../timestamp';
import { parseData, parseNext } from './parse-common';
import { parseFailureHandling } from './parse-retry-and-catch';
import type { Reader } from './reader';
import type { FailState, PassState, SucceedState, TaskState, WaitState } from './types';

// The states that have no states inside.

export function parsePass(name: string, reader: Reader): PassState {
  return { type: 'Pass', name, ...parseData(reader), ...parseNext(reader) };
}

export function parseWait(name: string, reader: Reader): WaitState {
  const isSeconds = (value: Json) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 99_999_999;
  const seconds = reader.templateOf('Seconds', 'a whole number from 0 to 99999999', isSeconds);
  const timestamp = reader.template('Timestamp');
  if (timestamp && timestamp.kind !== 'expression' && !isTimestamp(reader.object.Timestamp))
    reader.wrong('String does not match RFC3339 timestamp', 'Timestamp');
  if ((seconds === undefined) === (timestamp === undefined))
    reader.wrong("A Wait state has either 'Seconds' or 'Timestamp'");
  return {
    type: 'Wait',
    name,
    ...(seconds && { seconds }),
    ...(timestamp && { timestamp }),
    ...parseData(reader),
    ...parseNext(reader),
  };
}

export function parseSucceed(name: string, reader: Reader): SucceedState {
  return { type: 'Succeed', name, ...parseData(reader) };
}

export function parseFail(name: string, reader: Reader): FailState {
  const isText = (value: Json) => typeof value === 'string';
  const error = reader.templateOf('Error', 'a string', isText);
  const reason = reader.templateOf('Cause', 'a string', isText);
  return { type: 'Fail', name, ...(error && { error }), ...(reason && { reason }) };
}

export async function parseTask(name: string, reader: Reader): Promise<TaskState | undefined> {
  reader.require('Resource');
  const resource = reader.string('Resource');
  const integration =
    resource === undefined
      ? undefined
      : await findIntegration(resource, (message) => reader.wrong(message, 'Resource'));
  const isSeconds = (value: Json) =>
    Number.isInteger(value) && (value as number) > 0 && (value as number) <= 99_999_999;
  const timeoutSeconds = reader.templateOf('TimeoutSeconds', 'a whole number of seconds above 0', isSeconds);
  const heartbeatSeconds = reader.templateOf('HeartbeatSeconds', 'a whole number of seconds above 0', isSeconds);
  if (
    timeoutSeconds?.kind === 'constant' &&
    heartbeatSeconds?.kind === 'constant' &&
    !(heartbeatSeconds.value! < timeoutSeconds.value!)
  ) {
    reader.wrong("'HeartbeatSeconds' has to be smaller than 'TimeoutSeconds'", 'HeartbeatSeconds');
  }
  const given = reader.template('Arguments');
  const parts = { ...parseFailureHandling(reader), ...parseData(reader, 'result'), ...parseNext(reader) };
  if (!integration) return undefined;
  const literal = reader.object.Arguments ?? {};
  if (typeof literal !== 'string')
    integration.checkArguments(literal, (location, message) => reader.wrong(message, `Arguments${location}`));
  return {
    type: 'Task',
    name,
    integration,
    ...(given && { arguments: given }),
    ...(timeoutSeconds && { timeoutSeconds }),
    ...(heartbeatSeconds && { heartbeatSeconds }),
    ...parts,
  };
}
