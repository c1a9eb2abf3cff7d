import type { ClusterSummary, NodeStatus } from '../../contracts/api/clusters';
import { CLUSTER_TAG } from '../../contracts/cluster-config';
import { freezeKey } from '../../contracts/freeze';
import type { ClusterNode, NodeRole } from '../../contracts/node';
import { findFreezes } from '../../domain/freezes';
import { classifyNodes, whyNotAsked, type Instance, type Registration } from '../../domain/nodes/cluster-nodes';
import { parseClusterConfig } from '../../domain/parse-cluster-config';

/**
 * One line for each cluster, by name.
 * @param settings texts of Parameter Store by cluster
 * @param locks items of the lock table by key
 * @param lockId what identifies the operation that holds a lock
 */
export function summariseClusters(
  all: Instance[],
  settings: Map<string, string>,
  locks: Map<string, Record<string, string>>,
  lockId: (holder: string) => string,
): ClusterSummary[] {
  const byCluster = Map.groupBy(all, ({ tags }) => tags[CLUSTER_TAG] ?? '');
  return [...new Set([...byCluster.keys(), ...settings.keys()])].sort().map((cluster) => {
    const instances = byCluster.get(cluster) ?? [];
    const holder = locks.get(cluster)?.holder;
    const { nodes, frozen, problem } = read(cluster, instances, settings.get(cluster));
    const { reason = '', who = '', since = '' } = locks.get(freezeKey(cluster)) ?? {};
    const count = (role: NodeRole) => nodes.filter((node) => node.role === role).length;
    return {
      cluster,
      controlPlanes: count('control-plane'),
      workers: count('worker'),
      etcdNodes: count('etcd'),
      configured: settings.has(cluster),
      ...(holder && { lockedBy: lockId(holder) }),
      freezes: findFreezes(frozen, instances, reason ? { cluster, reason, who, since } : undefined),
      ...(problem && { problem }),
    };
  });
}

function read(
  cluster: string,
  instances: Instance[],
  text: string | undefined,
): { nodes: ClusterNode[]; frozen?: string | undefined; problem?: string } {
  try {
    const { frozen } = parseClusterConfig(cluster, text);
    const { nodes, mistagged } = classifyNodes(cluster, instances);
    return { nodes, frozen, ...(mistagged[0] && { problem: mistagged[0].problem }) };
  } catch (error) {
    return { nodes: [], problem: (error as Error).message };
  }
}

/** The nodes with what SSM knows of each. */
export function describeNodes(
  nodes: ClusterNode[],
  instances: Instance[],
  registrations: Registration[],
): NodeStatus[] {
  const instanceOf = new Map(instances.map((instance) => [instance.instanceId, instance]));
  const registrationOf = new Map(registrations.map((registration) => [registration.instanceId, registration]));
  return nodes.map((node) => {
    const instance = instanceOf.get(node.instanceId)!;
    const registration = registrationOf.get(node.instanceId);
    const unreachable = whyNotAsked(instance, registration);
    return {
      ...node,
      state: instance.state,
      ...(registration?.agentVersion && { agentVersion: registration.agentVersion }),
      ...(unreachable !== undefined && { unreachable }),
    };
  });
}
