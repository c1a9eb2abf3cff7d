import type { LoadBalancerTurn, Target } from '../../contracts/load-balancer';
import { listNames } from '../../domain/text/plain-text';

/** As if the node came back into groups that it had left: what follows waits for its health there. */
export function turnOfNewTarget(node: string, targets: Target[]): LoadBalancerTurn {
  if (targets.length === 0)
    return { left: [], next: 'go', waitSeconds: 0, said: `${node} is in no target group of ours` };
  const groups = listNames(targets.map(({ targetGroupName }) => targetGroupName));
  return { left: targets, next: 'wait', waitSeconds: 0, said: `${node} was registered in ${groups}` };
}
