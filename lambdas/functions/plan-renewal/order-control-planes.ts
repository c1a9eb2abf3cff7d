import { byName, type ControlPlane } from '../../domain/nodes/answers';

/** Its API server or its etcd member does not work: restarting it takes nothing away. */
export function isDown({ value }: ControlPlane): boolean {
  return !value.health.apiServer.ok || (value.etcd.topology === 'stacked' && !value.etcd.healthy);
}

/**
 * The order in which control planes are renewed: first those that are down, so that the others are restarted only once all work
 * again; etcd's leader last, so that it is elected once and not at every step; before it those where a renewal was cut off; else by name.
 */
export function orderControlPlanes(nodes: ControlPlane[]): ControlPlane[] {
  const rank = (node: ControlPlane) => {
    if (isDown(node)) return 0;
    if (node.value.etcd.leader) return 3;
    return node.value.renewal.unfinished ? 1 : 2;
  };
  return [...nodes].sort((a, b) => rank(a) - rank(b) || byName(a, b));
}
