import type { JsonObject } from '../json';
import { isObject } from '../json';
import { MAX_NAME_LENGTH } from '../limits';
import { parseState } from './parse-state';
import type { Reader } from './reader';
import type { Scope, State } from './types';

export interface Surroundings {
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

function checkTransitions(reader: Reader, states: Reader, startAt: string, parsed: Map<string, State>): void {
  const { problems } = reader;
  if (!(startAt in states.object)) {
    problems.add(`${reader.location}/StartAt`, `Missing 'Next' target: ${startAt}`, 'MISSING_TRANSITION_TARGET');
  }
  const reached = new Set<string>();
  const pending = [startAt];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const state = parsed.get(name);
    if (reached.has(name) || !state) continue;
    reached.add(name);
    pending.push(...targets(state));
  }
  for (const state of parsed.values()) {
    const location = `${states.location}/${state.name}`;
    for (const target of targets(state)) {
      if (!(target in states.object))
        problems.add(location, `Missing 'Next' target: ${target}`, 'MISSING_TRANSITION_TARGET');
    }
    if (startAt in states.object && !reached.has(state.name)) {
      problems.add(location, `State "${state.name}" is not reachable`, 'MISSING_TRANSITION_TARGET');
    }
  }
}

function targets(state: State): string[] {
  const named = [
    state.next,
    ...('catchers' in state ? state.catchers.map(({ next }) => next) : []),
    ...(state.type === 'Choice' ? [...state.rules.map(({ next }) => next), state.defaultNext] : []),
  ];
  return named.filter((target) => target !== undefined);
}

/** Names that the states of a scope assign, also in Catch and in Choice rules, but not in the scopes inside them. */
function assignedNames(states: JsonObject): Set<string> {
  const names = new Set<string>();
  const collect = (holder: unknown) => {
    if (isObject(holder) && isObject(holder.Assign)) Object.keys(holder.Assign).forEach((name) => names.add(name));
  };
  for (const state of Object.values(states)) {
    if (!isObject(state)) continue;
    for (const holder of [state, ...asList(state.Catch), ...asList(state.Choices)]) collect(holder);
  }
  return names;
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
