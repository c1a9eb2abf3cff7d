import type { Reader } from './reader';
import type { State } from './types';

/**
 * Notes targets that are missing, and states that nothing leads to.
 * @param states reads the field States of what `reader` reads.
 */
export function checkTransitions(reader: Reader, states: Reader, startAt: string, parsed: Map<string, State>): void {
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
