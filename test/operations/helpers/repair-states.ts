import { definitions, ways } from '../../helpers/state-machine';

const BEGIN = 'Make a bootstrap token that nodes can read';
const END = 'Wait until every node is Ready';

/** The states of renew-certificates that only a repair enters: between the first of it and the last. */
export function isRepair(state: string): boolean {
  return repairStates().includes(state);
}

let found: string[] | undefined;
/** The same, each before all that may come after it. */
export function repairStates(): string[] {
  return (found ??= fromBeginToEnd());
}

function fromBeginToEnd(): string[] {
  const next = ways(definitions()['renew-certificates']!).map((way) => {
    const [from = '', to = ''] = way.split(/ (?:→|⊃) /);
    return [from.replace(/ [[{].*$/, ''), to] as const;
  });
  // Of several, the one visited last is put first: that is the inside of a Map, and then what comes after it.
  next.reverse();
  const visited = new Set<string>();
  const ordered: string[] = [];
  const visit = (state: string): void => {
    if (visited.has(state)) return;
    visited.add(state);
    if (state !== END)
      for (const [from, to] of next) if (from === state && !/redriven|Gather facts|put into words/.test(to)) visit(to);
    ordered.unshift(state);
  };
  visit(BEGIN);
  return ordered;
}
