import type { LoadBalancerTurn, Target } from '../contracts/load-balancer';
import { listNames, shorten } from './text/plain-text';
import { UserError } from '../runtime/user-error';

/** A target as its group shows it. `state`: initial, healthy, unhealthy, unhealthy.draining, draining, unused, unavailable. */
export interface TargetHealth {
  id: string;
  port: number;
  state: string;
  /** Code and sentence of AWS, where there are some. */
  reason?: string;
}

/** Seconds until the load balancer is asked again, when it has been waited for so many seconds: often at first, then every half minute. */
export function nextWait(waitedSeconds: number): number {
  return Math.min(30, Math.max(5, Math.round(waitedSeconds)));
}

/** Seconds from one ISO 8601 time to another. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** This node in one target group. */
export interface ObservedTarget {
  target: Target;
  /** All targets of the group; absent when there is no such group any more. */
  targets?: TargetHealth[];
  /** This turn has taken it out before. */
  isOut: boolean;
}

export interface Leaving {
  /** To be taken out now. */
  deregister: Target[];
  turn: LoadBalancerTurn;
}

/** After this long the load balancer has sent it no new connection for minutes; what is left are old ones, which the restart ends. */
const LONGEST_DRAINING_S = 600;

/**
 * What to take this node out of, and whether what comes next may come now. Never out of a group in which nobody else is healthy. Nor out
 * of one in which it is not healthy itself: it gets no connections there, and to wait for its health afterwards would hold up the others
 * for what may be none of its certificates' fault.
 * @param outForSeconds since this turn has taken it out; 0 when it has not
 */
export function decideLeaving(
  node: string,
  observed: ObservedTarget[],
  outForSeconds: number,
  settings: { apiServerPort: number; settleSeconds: number },
): Leaving {
  const places = observed.map((one) => ({ ...one, ...placeOf(one) }));
  const of = (...wanted: Place[]) => places.filter(({ place }) => wanted.includes(place));
  const leaving = of('leaves');
  const isDraining = leaving.length > 0 || (of('draining').length > 0 && outForSeconds < LONGEST_DRAINING_S);
  const left = [...leaving, ...of('draining', 'out')].map(({ target }) => target);

  const next = left.length === 0 ? 'go' : isDraining ? 'wait' : 'settle';
  const waitSeconds = { go: 0, wait: nextWait(leaving.length > 0 ? 0 : outForSeconds), settle: settings.settleSeconds };
  const turn = { left, next, waitSeconds: waitSeconds[next], said: '' } as const;
  return { deregister: leaving.map(({ target }) => target), turn: { ...turn, said: say() } };

  function say(): string {
    const names = (...wanted: Place[]) => listNames(of(...wanted).map(({ target }) => target.targetGroupName));
    const parts = [
      [names('leaves', 'draining', 'out'), (groups: string) => `left ${groups}`],
      [names('only-healthy-one'), (groups: string) => `stayed in ${groups}, where no other target is healthy`],
      [names('not-healthy'), (groups: string) => `stayed in ${groups}, where it was not healthy`],
      [names('taken-out-by-another'), (groups: string) => `was being taken out of ${groups} by somebody else`],
    ] as const;
    const said = parts.filter(([groups]) => groups !== '').map(([groups, text]) => text(groups));
    if (next === 'settle' && of('draining').length > 0) said.push('and was restarted with old connections still open');
    return `${node} ${said.join('; ') || `is in no target group on port ${settings.apiServerPort}`}`;
  }
}

type Place =
  'leaves' | 'draining' | 'out' | 'only-healthy-one' | 'not-healthy' | 'taken-out-by-another' | 'serves-nobody';

function placeOf({ target, targets, isOut }: ObservedTarget): { place: Place } {
  const own = targets?.find(({ id, port }) => id === target.id && port === target.port);
  if (own === undefined) return { place: targets && isOut ? 'out' : 'serves-nobody' };
  if (own.state === 'draining') return { place: isOut ? 'draining' : 'taken-out-by-another' };
  if (own.state === 'unused') return { place: isOut ? 'out' : 'serves-nobody' };
  if (own.state.startsWith('unhealthy')) return { place: 'not-healthy' };
  const isOtherHealthy = targets?.some(({ id, state }) => id !== target.id && state === 'healthy');
  if (!isOtherHealthy) return { place: 'only-healthy-one' };
  return { place: 'leaves' };
}

export interface ObservedReturn {
  target: Target;
  /** All targets of the group; absent when there is no such group any more. */
  targets?: TargetHealth[];
}

/** Some health checks take minutes: an NLB's defaults are 5 times 30 s after up to 3 minutes of registration. */
const LONGEST_RETURN_S = 600;

/**
 * What to put back, and whether the node is healthy again in all groups that it left. A group that is gone, or that no load balancer
 * uses any more, has nothing to wait for.
 * @throws UserError TargetNotHealthy after ten minutes
 */
export function decideReturning(
  node: string,
  turn: LoadBalancerTurn,
  observed: ObservedReturn[],
  at: string,
): { register: Target[]; turn: LoadBalancerTurn } {
  const states = observed.map(({ target, targets }) => ({
    target,
    isGone: targets === undefined,
    own: targets?.find(({ id, port }) => id === target.id && port === target.port),
  }));
  const register = states
    .filter(({ isGone, own }) => !isGone && (own === undefined || own.state === 'draining'))
    .map(({ target }) => target);
  const waiting = states.filter(({ isGone, own }) => !isGone && own?.state !== 'healthy' && own?.state !== 'unused');
  if (waiting.length === 0) return { register, turn: { ...turn, next: 'go', waitSeconds: 0, said: said() } };

  const since = register.length > 0 ? at : (turn.returningSince ?? at);
  const waited = secondsBetween(since, at);
  if (waited >= LONGEST_RETURN_S) throw notHealthy();
  return { register, turn: { ...turn, next: 'wait', waitSeconds: nextWait(waited), returningSince: since } };

  function said(): string {
    const gone = states.filter(({ isGone }) => isGone).map(({ target }) => target.targetGroupName);
    return gone.length === states.length
      ? `${turn.said}, which is gone by now`
      : `${turn.said}; it came back and is healthy`;
  }

  function notHealthy(): UserError {
    const [{ target, own }] = waiting as [(typeof waiting)[number]];
    const why = shorten([own?.state, own?.reason].filter(Boolean).join(', '), 200);
    return new UserError(
      'TargetNotHealthy',
      `${node} was put back into the target group ${target.targetGroupName} and is still not healthy there after ${LONGEST_RETURN_S / 60} minutes (${why}): expected its API server to pass the group's health check on port ${target.port}; see "TargetNotHealthy" in the runbook, then start the operation again.`,
    );
  }
}
