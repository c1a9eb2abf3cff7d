import type { Json } from '../json';
import { MAX_NAME_LENGTH } from '../limits';
import { assignedNames } from './assigned-names';
import { checkTransitions } from './check-transitions';
import { parseChoice } from './parse-choice';
import { parseData, parseNext } from './parse-common';
import { parseFail, parsePass, parseSucceed, parseTask, parseWait } from './parse-plain-state';
import { parseFailureHandling } from './parse-retry-and-catch';
import type { Reader } from './reader';
import type { MapState, ParallelState, Scope, State } from './types';

/** What the scope around a state says of it. */
interface Surroundings {
  /** The whole machine says QueryLanguage JSONata; otherwise each state has to. */
  isJsonata: boolean;
  outerVariables: ReadonlySet<string>;
  /** All state names of the machine seen so far: they are unique over all its scopes. */
  stateNames: Set<string>;
}

/** StartAt and States of a machine, a branch or an item processor. */
export async function parseScope(reader: Reader, around: Surroundings): Promise<Scope | undefined> {
  reader.require('StartAt', 'States');
  const startAt = reader.string('StartAt');
  const states = reader.child('States');
  if (!states || startAt === undefined) return undefined;
  if (!Object.keys(states.object).length) states.wrong('Value cannot be empty');

  const own = assignedNames(states.object);
  for (const name of own) {
    if (around.outerVariables.has(name)) {
      states.wrong(
        `The variable '${name}' belongs to an outer scope, where it is assigned: an inner scope can only read it`,
      );
    }
  }
  const inner = { ...around, outerVariables: new Set([...around.outerVariables, ...own]) };
  const parsed = new Map<string, State>();
  for (const name of Object.keys(states.object)) {
    checkName(states, name, around.stateNames);
    const state = states.child(name);
    const result = state && (await parseState(name, state, inner));
    if (result) parsed.set(name, result);
  }
  checkTransitions(reader, states, startAt, parsed);
  return { startAt, states: parsed };
}

function checkName(states: Reader, name: string, seen: Set<string>): void {
  if (name === '' || name.length > MAX_NAME_LENGTH) {
    states.wrong(`State names have 1 to ${MAX_NAME_LENGTH} characters, this one ${name.length}`, name);
  }
  if (seen.has(name))
    states.problems.add(`${states.location}/${name}`, `Duplicate state name: ${name}`, 'DUPLICATE_STATE_NAME');
  seen.add(name);
}

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

async function parseState(name: string, reader: Reader, around: Surroundings): Promise<State | undefined> {
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
