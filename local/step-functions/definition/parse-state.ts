import type { Json } from '../json';
import { isTimestamp } from '../timestamp';
import { findIntegration } from '../integrations/find-integration';
import { parseData, parseNext } from './parse-common';
import { parseChoice } from './parse-choice';
import { parseFailureHandling } from './parse-retry-and-catch';
import type { Surroundings } from './parse-scope';
import { parseScope } from './parse-scope';
import type { Reader } from './reader';
import type { FailState, MapState, ParallelState, PassState, State, SucceedState, TaskState, WaitState } from './types';

const EVERY_STATE = ['Type', 'Comment', 'QueryLanguage'];
const FLOW = ['Next', 'End'];
const DATA = ['Output', 'Assign'];
const FAILURE = ['Retry', 'Catch'];

/** The states that JSONata definitions know, each with the fields beside Type, Comment and QueryLanguage. */
const STATE_TYPES: Record<
  string,
  { fields: string[]; parse(name: string, reader: Reader, around: Surroundings): Promise<State | undefined> }
> = {
  Pass: { fields: [...DATA, ...FLOW], parse: async (name, reader) => parsePass(name, reader) },
  Task: {
    fields: ['Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds', ...FAILURE, ...DATA, ...FLOW],
    parse: parseTask,
  },
  Choice: { fields: ['Choices', 'Default', ...DATA], parse: async (name, reader) => parseChoice(name, reader) },
  Wait: { fields: ['Seconds', 'Timestamp', ...DATA, ...FLOW], parse: async (name, reader) => parseWait(name, reader) },
  Succeed: { fields: ['Output'], parse: async (name, reader) => parseSucceed(name, reader) },
  Fail: { fields: ['Error', 'Cause'], parse: async (name, reader) => parseFail(name, reader) },
  Parallel: { fields: ['Branches', 'Arguments', ...FAILURE, ...DATA, ...FLOW], parse: parseParallel },
  Map: {
    fields: ['Items', 'ItemSelector', 'ItemProcessor', 'MaxConcurrency', ...FAILURE, ...DATA, ...FLOW],
    parse: parseMap,
  },
};

export async function parseState(name: string, reader: Reader, around: Surroundings): Promise<State | undefined> {
  reader.require('Type');
  const type = reader.oneOf('Type', Object.keys(STATE_TYPES));
  reader.string('Comment');
  if (!around.isJsonata || reader.object.QueryLanguage !== undefined) {
    if (reader.object.QueryLanguage !== 'JSONata') {
      reader.wrong(
        "The local engine runs only JSONata: set QueryLanguage to 'JSONata' for the state machine or for each state",
        'QueryLanguage',
      );
    }
  }
  if (type === undefined) return undefined;
  const { fields, parse } = STATE_TYPES[type]!;
  reader.allow(`A ${type} state`, [...EVERY_STATE, ...fields]);
  return parse(name, reader, around);
}

function parsePass(name: string, reader: Reader): PassState {
  return { type: 'Pass', name, ...parseData(reader), ...parseNext(reader) };
}

function parseWait(name: string, reader: Reader): WaitState {
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

function parseSucceed(name: string, reader: Reader): SucceedState {
  return { type: 'Succeed', name, ...parseData(reader) };
}

function parseFail(name: string, reader: Reader): FailState {
  const isText = (value: Json) => typeof value === 'string';
  const error = reader.templateOf('Error', 'a string', isText);
  const reason = reader.templateOf('Cause', 'a string', isText);
  return { type: 'Fail', name, ...(error && { error }), ...(reason && { reason }) };
}

async function parseTask(name: string, reader: Reader): Promise<TaskState | undefined> {
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

async function parseParallel(name: string, reader: Reader, around: Surroundings): Promise<ParallelState> {
  reader.require('Branches');
  const branches = [];
  for (const branch of reader.list('Branches', { atLeast: 1 })) {
    branch.allow('A branch', ['Comment', 'StartAt', 'States']);
    branches.push(await parseScope(branch, around));
  }
  const given = reader.template('Arguments');
  return {
    type: 'Parallel',
    name,
    branches: branches.filter((branch) => branch !== undefined),
    ...(given && { arguments: given }),
    ...parseFailureHandling(reader),
    ...parseData(reader, 'result'),
    ...parseNext(reader),
  };
}

async function parseMap(name: string, reader: Reader, around: Surroundings): Promise<MapState | undefined> {
  reader.require('ItemProcessor');
  const items = reader.templateOf('Items', 'a list', (value) => Array.isArray(value));
  const itemSelector = reader.template('ItemSelector');
  const isConcurrency = (value: Json) => Number.isInteger(value) && (value as number) >= 0;
  const maxConcurrency = reader.templateOf('MaxConcurrency', 'a whole number, 0 or more', isConcurrency);
  const parts = { ...parseFailureHandling(reader), ...parseData(reader, 'result'), ...parseNext(reader) };
  const processor = reader.child('ItemProcessor');
  if (!processor) return undefined;
  processor.allow('An item processor', ['Comment', 'ProcessorConfig', 'StartAt', 'States']);
  const config = processor.child('ProcessorConfig');
  config?.allow('The ProcessorConfig of an inline Map', ['Mode']);
  config?.oneOf('Mode', ['INLINE']);
  const scope = await parseScope(processor, around);
  if (!scope) return undefined;
  return {
    type: 'Map',
    name,
    processor: scope,
    ...(items && { items }),
    ...(itemSelector && { itemSelector }),
    ...(maxConcurrency && { maxConcurrency }),
    ...parts,
  };
}
