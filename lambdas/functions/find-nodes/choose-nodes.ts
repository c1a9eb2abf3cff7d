import type { FoundNodes } from '../../contracts/find-nodes';
import type { ClusterNode } from '../../contracts/node';
import { asks, isReadOnly, type OperationName } from '../../contracts/operation';
import { MOST_INSTANCES, OLDEST_AGENT } from '../../contracts/run-on-nodes';
import {
  isOlder,
  whyNotAsked,
  whyUnreachable,
  type Instance,
  type Registration,
} from '../../domain/nodes/cluster-nodes';
import { listNames } from '../../domain/text/plain-text';
import { UserError } from '../../runtime/user-error';

export type Choice = Pick<
  FoundNodes<'renew-certificates'>,
  'controlPlanes' | 'etcdNodes' | 'workerCount' | 'workersLeftOut' | 'reachable' | 'unreachable'
> & { workers?: ClusterNode[] };

/** A state holds 256 KiB, which the nodes share with the cluster's settings and what a state machine keeps beside them. */
const MOST_BYTES = 230_000;
/** For this many workers the full reason is kept; for the rest only its first half. */
const MOST_FULL_REASONS = 50;

/** Whether SSM is asked about a node: control planes and etcd nodes are few; a thousand workers take 20 calls. */
export function isLookedUp(operation: OperationName, { role }: ClusterNode): boolean {
  return role !== 'worker' || asks(operation, role);
}

/**
 * The cluster's nodes by role, and whom the operation can ask now. A worker that cannot be asked is reported with the reason.
 * @throws UserError NoControlPlane, InvalidInput (too many control planes), AgentTooOld, NodeUnreachable (no control plane answers)
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
  const ofRole = (role: ClusterNode['role'], why = whyUnreachable) =>
    all
      .filter((node) => node.role === role)
      .map((node): ClusterNode => {
        const instance = instanceOf.get(node.instanceId);
        const unreachable = instance && why(instance, registrationOf.get(node.instanceId));
        if (unreachable === undefined) return node;
        return { ...node, unreachable, ...(instance!.state !== 'running' && { state: instance!.state }) };
      });
  // What only looks does without a node whose agent is too old, or says so: the others are looked at all the same.
  const why = isReadOnly(operation) ? whyNotAsked : whyUnreachable;
  const controlPlanes = ofRole('control-plane', why);
  const etcdNodes = ofRole('etcd', why);
  if (controlPlanes.length === 0) {
    throw new UserError(
      'NoControlPlane',
      `Cluster ${cluster} has ${all.length} instances and none with the tag kubeadm-autopilot:role=control-plane, at least one is needed: tag its control planes.`,
    );
  }
  const wanted = asks(operation, 'etcd') ? [...controlPlanes, ...etcdNodes] : controlPlanes;
  const asked = isReadOnly(operation) ? askFirst(wanted) : wanted;
  if (!isReadOnly(operation) && asked.length > MOST_INSTANCES) {
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
  const choice: Choice = {
    controlPlanes,
    etcdNodes,
    workerCount: all.filter(({ role }) => role === 'worker').length,
    reachable: reachable.map(({ instanceId, name }) => ({ instanceId, name })),
    unreachable: asked.filter(({ unreachable }) => unreachable !== undefined),
    ...(asks(operation, 'worker') && { workers: shortenReasons(ofRole('worker', whyNotAsked)) }),
  };
  return thatFits(choice);
}

/** Those for which one command has no room are out of its reach. */
function askFirst(nodes: ClusterNode[]): ClusterNode[] {
  let room = MOST_INSTANCES;
  return nodes.map((node) =>
    node.unreachable !== undefined || (room -= 1) >= 0
      ? node
      : {
          ...node,
          unreachable: `Run Command takes at most ${MOST_INSTANCES} control planes and etcd nodes: correct the tags of those that are workers`,
        },
  );
}

/** "its SSM agent is lost (Inactive): restart it" becomes "its SSM agent is lost (Inactive)", but for the first workers. */
function shortenReasons(workers: ClusterNode[]): ClusterNode[] {
  let told = 0;
  return workers.map((worker) => {
    if (worker.unreachable === undefined || (told += 1) <= MOST_FULL_REASONS) return worker;
    return { ...worker, unreachable: worker.unreachable.split(': ')[0]! };
  });
}

/**
 * Workers without their groups and tags where a state has no room for those, none where it has no room for their names: only an operation
 * that needs each of them can then not be done, and its plan says so.
 */
function thatFits(choice: Choice): Choice {
  const { workers } = choice;
  if (!workers || fits(choice)) return choice;
  const bare = workers.map(({ instanceId, name, role, unreachable, state }): ClusterNode => {
    return {
      instanceId,
      name,
      role,
      ...(unreachable === undefined ? {} : { unreachable: unreachable.split(/[:(]/)[0]!.trim() }),
      ...(state && { state }),
    };
  });
  const smaller = { ...choice, workers: bare };
  return fits(smaller) ? smaller : { ...choice, workers: [], workersLeftOut: true };
}

const fits = (choice: Choice): boolean => Buffer.byteLength(JSON.stringify(choice)) <= MOST_BYTES;

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
