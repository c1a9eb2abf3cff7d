import type { ClusterNode, NamedInstance } from '../../contracts/node';
import type { OperationName } from '../../contracts/operation';
import { MOST_INSTANCES, OLDEST_AGENT } from '../../contracts/run-on-nodes';
import { listNames } from '../../domain/text/shorten';
import { UserError } from '../../runtime/user-error';
import { isOlder } from '../../domain/nodes/instance';
import type { Instance, Registration } from '../../domain/nodes/instance';
import { whyUnreachable } from '../../domain/nodes/instance';

export interface Choice {
  /** Control planes and etcd nodes, with the reason where Run Command would not reach one. */
  nodes: ClusterNode[];
  controlPlanes: NamedInstance[];
  unreachable: ClusterNode[];
}

/** The nodes of roles that these operations ever ask. */
export function isAsked({ role }: ClusterNode): boolean {
  return role !== 'worker';
}

/**
 * Whom an operation asks: control planes; a check also asks the nodes of an external etcd.
 * @throws UserError NoControlPlane, InvalidInput (too many), AgentTooOld, NodeUnreachable (nobody answers)
 */
export function chooseNodes(
  operation: OperationName,
  cluster: string,
  all: ClusterNode[],
  instances: Instance[],
  registrations: Registration[],
): Choice {
  const registrationOf = new Map(registrations.map((registration) => [registration.instanceId, registration]));
  const instanceOf = new Map(instances.map((instance) => [instance.instanceId, instance]));
  const nodes = all.filter(isAsked).map((node): ClusterNode => {
    const instance = instanceOf.get(node.instanceId);
    const why = instance && whyUnreachable(instance, registrationOf.get(node.instanceId));
    return why === undefined ? node : { ...node, unreachable: why };
  });
  const controlPlanes = nodes.filter(({ role }) => role === 'control-plane');
  if (controlPlanes.length === 0) {
    throw new UserError(
      'NoControlPlane',
      `Cluster ${cluster} has ${all.length} instances and none with the tag kubeadm-autopilot:role=control-plane, at least one is needed: tag its control planes.`,
    );
  }
  const asked = operation === 'check-certificates' ? nodes : controlPlanes;
  if (asked.length > MOST_INSTANCES) {
    throw new UserError(
      'InvalidInput',
      `Cluster ${cluster} has ${asked.length} control planes and etcd nodes, Run Command takes at most ${MOST_INSTANCES}: correct the tags of those that are workers.`,
    );
  }
  const reachable = asked.filter(({ unreachable }) => unreachable === undefined);
  refuseOldAgents(cluster, reachable, registrationOf);
  if (!reachable.some(({ role }) => role === 'control-plane')) {
    const reasons = controlPlanes.slice(0, 3).map(({ name, unreachable }) => `${name}: ${unreachable}`);
    const rest = controlPlanes.length > 3 ? `; and ${controlPlanes.length - 3} more` : '';
    throw new UserError(
      'NodeUnreachable',
      `No control plane of ${cluster} can be reached through SSM, at least one is needed (${reasons.join('; ')}${rest}).`,
    );
  }
  return {
    nodes,
    controlPlanes: reachable.map(({ instanceId, name }) => ({ instanceId, name })),
    unreachable: asked.filter(({ unreachable }) => unreachable !== undefined),
  };
}

/** Older agents leave the parameters of our documents silently unset. */
function refuseOldAgents(cluster: string, nodes: ClusterNode[], registrationOf: Map<string, Registration>): void {
  const old = nodes.flatMap(({ instanceId, name }) => {
    const version = registrationOf.get(instanceId)?.agentVersion ?? '';
    return isOlder(version, OLDEST_AGENT) ? [`${name} has ${version || 'none'}`] : [];
  });
  if (old.length === 0) return;
  throw new UserError(
    'AgentTooOld',
    `The SSM agent of ${cluster}'s nodes is too old: ${listNames(old)}, at least ${OLDEST_AGENT} is needed: update it (document AWS-UpdateSSMAgent) and start again.`,
  );
}
