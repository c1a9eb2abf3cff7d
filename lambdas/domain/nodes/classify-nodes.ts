import { CLUSTER_TAG, FROZEN_TAG, GROUP_TAG, ROLE_TAG } from '../../contracts/cluster-config';
import { type ClusterNode, nodeRole } from '../../contracts/node';
import { byName } from './answers';
import { shorten } from '../text/shorten';
import { UserError } from '../../runtime/user-error';
import type { Instance } from './instance';

/** AWS puts it on the instances of an Auto Scaling group. */
const AUTO_SCALING_GROUP_TAG = 'aws:autoscaling:groupName';
const TAG_PREFIX = 'kubeadm-autopilot:';
const MOST_TAGS = 5;

/**
 * The cluster's nodes with a name of their own each, by name.
 * @throws UserError InvalidClusterConfig when an instance has no role, or none that is known
 */
export function classifyNodes(cluster: string, instances: Instance[]): ClusterNode[] {
  const nodes = instances.map(({ instanceId, privateIp, privateDnsName, tags }): ClusterNode => {
    const name = shorten(tags.Name || privateDnsName || instanceId, 80);
    const role = nodeRole.safeParse(tags[ROLE_TAG]);
    if (!role.success) {
      const got =
        tags[ROLE_TAG] === undefined ? `no tag ${ROLE_TAG}` : `the tag ${ROLE_TAG}=${shorten(tags[ROLE_TAG], 40)}`;
      throw new UserError(
        'InvalidClusterConfig',
        `Instance ${instanceId} (${name}) of cluster ${cluster} has ${got}, expected one of ${nodeRole.options.join(', ')}: correct the tag.`,
      );
    }
    const group = tags[GROUP_TAG] || tags[AUTO_SCALING_GROUP_TAG];
    return {
      ...{ instanceId, name, role: role.data },
      ...(privateIp && { privateIp }),
      ...(group && { group: shorten(group, 80) }),
      ...ownTags(tags),
    };
  });
  // Reports speak of nodes by name alone, so two of one name get their ids with it.
  const namesakes = Map.groupBy(nodes, ({ name }) => name);
  return nodes
    .map((node) =>
      (namesakes.get(node.name)?.length ?? 0) > 1 ? { ...node, name: `${node.name} (${node.instanceId})` } : node,
    )
    .sort(byName);
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

/** Why nothing may change on this cluster: its settings say so, or a tag on any of its nodes (the lowest instance id's, of several). */
export function findFrozen(settings: string | undefined, instances: Instance[]): string | undefined {
  if (settings !== undefined) return settings;
  const frozen = instances
    .filter(({ tags }) => tags[FROZEN_TAG] !== undefined)
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1))[0];
  if (!frozen) return undefined;
  return shorten(
    `tag on ${frozen.tags.Name ?? frozen.instanceId}: ${frozen.tags[FROZEN_TAG] || 'no reason given'}`,
    200,
  );
}
