import { OLDEST_AGENT } from '../../contracts/run-on-nodes';
import { CLUSTER_TAG, GROUP_TAG, ROLE_TAG } from '../../contracts/cluster-config';
import { type ClusterNode, type MistaggedNode, nodeRole } from '../../contracts/node';
import { byName } from './answers';
import { shorten } from '../text/plain-text';

/** What EC2 says about an instance, as far as it matters here. */
export interface Instance {
  instanceId: string;
  /** pending, running, stopping, stopped. */
  state: string;
  privateIp?: string | undefined;
  privateDnsName?: string | undefined;
  /** ARN of its instance profile. */
  instanceProfile?: string | undefined;
  /** enabled, or disabled: nothing on it learns the credentials of its role. */
  metadata?: string | undefined;
  metadataHopLimit?: number | undefined;
  tags: Record<string, string>;
}

/** What SSM says about a managed instance. */
export interface Registration {
  instanceId: string;
  /** Online, ConnectionLost or Inactive. */
  ping: string;
  /** ISO 8601. */
  lastPing?: string | undefined;
  agentVersion: string;
  platform?: string | undefined;
}

/** Why Run Command would not reach an instance, as half a sentence; undefined when it would. */
export function whyUnreachable(instance: Instance, registration: Registration | undefined): string | undefined {
  if (instance.state !== 'running') return `the instance is ${instance.state}, expected running: start it`;
  if (!registration) {
    return 'it is not registered with SSM: check that the agent runs, that its instance profile has AmazonSSMManagedInstanceCore and that it reaches the endpoints ssm and ssmmessages';
  }
  if (registration.ping !== 'Online') {
    const since = registration.lastPing ? ` since ${registration.lastPing}` : '';
    return `its SSM agent is lost${since} (${registration.ping}): restart amazon-ssm-agent or look at its network`;
  }
  if (registration.platform !== undefined && registration.platform !== 'Linux')
    return `it runs ${registration.platform}, expected Linux`;
  return undefined;
}

/** As whyUnreachable; an agent that is too old for our documents counts too. */
export function whyNotAsked(instance: Instance, registration: Registration | undefined): string | undefined {
  const unreachable = whyUnreachable(instance, registration);
  if (unreachable !== undefined) return unreachable;
  const version = registration?.agentVersion ?? '';
  return isOlder(version, OLDEST_AGENT)
    ? `its SSM agent is ${version || 'of no known version'}, at least ${OLDEST_AGENT} is needed: update it`
    : undefined;
}

/** Whether an agent version is older than another, part by part as numbers: 3.3.987.0 is older than 3.3.2746.0. */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(version), parts(than)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** AWS puts it on the instances of an Auto Scaling group. */
const AUTO_SCALING_GROUP_TAG = 'aws:autoscaling:groupName';
const TAG_PREFIX = 'kubeadm-autopilot:';
const MOST_TAGS = 5;

/** The cluster's nodes, and instances whose role nobody knows; each has a name of its own, and they are in the order of names. */
export function classifyNodes(
  cluster: string,
  instances: Instance[],
): { nodes: ClusterNode[]; mistagged: MistaggedNode[] } {
  const names = ownNames(instances);
  const mistagged: MistaggedNode[] = [];
  const nodes = instances.flatMap(({ instanceId, privateIp, metadataHopLimit = 1, tags }): ClusterNode[] => {
    const name = names.get(instanceId) ?? instanceId;
    const role = nodeRole.safeParse(tags[ROLE_TAG]);
    if (!role.success) {
      const got =
        tags[ROLE_TAG] === undefined ? `no tag ${ROLE_TAG}` : `the tag ${ROLE_TAG}=${shorten(tags[ROLE_TAG], 40)}`;
      const problem = `Instance ${instanceId} (${name}) of cluster ${cluster} has ${got}, expected one of ${nodeRole.options.join(', ')}: correct the tag.`;
      mistagged.push({ instanceId, name, problem });
      return [];
    }
    const group = tags[GROUP_TAG] || tags[AUTO_SCALING_GROUP_TAG];
    const node: ClusterNode = {
      ...{ instanceId, name, role: role.data },
      ...(privateIp && { privateIp }),
      ...(metadataHopLimit > 1 && { metadataHopLimit }),
      ...(group && { group: shorten(group, 80) }),
      ...ownTags(tags),
    };
    return [node];
  });
  return { nodes: nodes.sort(byName), mistagged: mistagged.sort(byName) };
}

/** By instance id. Reports speak of nodes by name alone, so two of one name get their ids with it. */
function ownNames(instances: Instance[]): Map<string, string> {
  const named = instances.map(({ instanceId, privateDnsName, tags }) => ({
    instanceId,
    // A name may consist of characters that are left out.
    name: shorten(tags.Name ?? '', 80) || privateDnsName || instanceId,
  }));
  const namesakes = Map.groupBy(named, ({ name }) => name);
  return new Map(
    named.map(({ instanceId, name }) => [
      instanceId,
      (namesakes.get(name)?.length ?? 0) > 1 ? `${name} (${instanceId})` : name,
    ]),
  );
}

/** What else our tags say about a node, within limits: a thousand nodes have to fit into a state. */
function ownTags(tags: Record<string, string>): Pick<ClusterNode, 'tags'> {
  const own = Object.entries(tags)
    .filter(([key]) => key.startsWith(TAG_PREFIX) && ![CLUSTER_TAG, ROLE_TAG, GROUP_TAG].includes(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_TAGS)
    .map(([key, value]) => [shorten(key.slice(TAG_PREFIX.length), 40), shorten(value, 100)]);
  return own.length > 0 ? { tags: Object.fromEntries(own) as Record<string, string> } : {};
}
