import { definitions, ways } from '../../helpers/state-machine';

const BEGIN = 'Make a bootstrap token that nodes can read';
const END = 'Wait until every node is Ready';

/** The states of renew-certificates that only a repair enters: between the first of it and the last. */
export function isRepair(state: string): boolean {
  return repairStates().has(state);
}

let found: Set<string> | undefined;
function repairStates(): Set<string> {
  if (found) return found;
  const next = ways(definitions()['renew-certificates']!).map((way) => {
    const [from = '', to = ''] = way.split(/ (?:→|⊃) /);
    return [from.replace(/ [[{].*$/, ''), to] as const;
  });
  found = new Set([BEGIN]);
  for (const state of found) {
    if (state === END) continue;
    for (const [from, to] of next)
      if (from === state && !/redriven|Gather facts|put into words/.test(to)) found.add(to);
  }
  return found;
}
