import { byName } from '../nodes/answers';
import type { UpgradeControlPlane } from './view';

/** First those where an earlier upgrade was cut off; etcd's leader last, so that it is elected once; else by name. */
export function orderControlPlanes(nodes: UpgradeControlPlane[]): UpgradeControlPlane[] {
  const rank = ({ value: { controlPlane } }: UpgradeControlPlane) =>
    controlPlane.unfinished ? 0 : controlPlane.etcd.leader ? 2 : 1;
  return [...nodes].sort((a, b) => rank(a) - rank(b) || byName(a, b));
}
