import type { JsonObject } from '../json';
import { isObject } from '../json';

/** Names that the states of a scope assign, also in Catch and in Choice rules, but not in the scopes inside them. */
export function assignedNames(states: JsonObject): Set<string> {
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
