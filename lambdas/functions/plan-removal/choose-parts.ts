import type { RemovalPlan } from '../../contracts/remove';
import type { Target } from '../../domain/remove/find-target';
import { isAlive, type RemovalView } from '../../domain/remove/view';

export function kindOf(target: Target | undefined): RemovalPlan['kind'] {
  if (target && !target.isReached) return 'dead';
  return target?.isControlPlane ? 'control-plane' : 'worker';
}

/**
 * What there is to do for this node. Where its kubelet is not at work nothing is drained, because nobody there would end the pods: they go with the
 * Node object.
 */
export function chooseParts(view: RemovalView, isDone: boolean): RemovalPlan['parts'] {
  const { target } = view;
  if (!target || isDone || !target.isReached)
    return { leaveLoadBalancer: false, drain: false, askAgain: false, reset: false };
  const isNode = target.answer !== undefined;
  return {
    leaveLoadBalancer: isNode && target.isControlPlane,
    drain: isNode && isAlive(view, target),
    askAgain: isNode && target.isControlPlane,
    reset: isNode || target.machine?.cluster.state !== 'none',
  };
}
