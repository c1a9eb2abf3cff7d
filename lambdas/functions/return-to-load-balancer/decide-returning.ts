import type { LoadBalancerTurn, Target } from '../../contracts/load-balancer';
import { nextWait, secondsBetween } from '../../domain/load-balancer/next-wait';
import { shorten } from '../../domain/text/shorten';
import type { TargetHealth } from '../../aws/target-groups';
import { UserError } from '../../runtime/user-error';

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
