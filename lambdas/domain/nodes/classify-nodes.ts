import { FROZEN_TAG, ROLE_TAG } from '../../contracts/cluster-config';
import { type ClusterNode, nodeRole } from '../../contracts/node';
import { byName } from './answers';
import { shorten } from '../text/shorten';
import { UserError } from '../../runtime/user-error';
import type { Instance } from './instance';

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
    return { instanceId, name, role: role.data, ...(privateIp ? { privateIp } : {}) };
  });
  // Reports speak of nodes by name alone, so two of one name get their ids with it.
  const namesakes = Map.groupBy(nodes, ({ name }) => name);
  return nodes
    .map((node) =>
      (namesakes.get(node.name)?.length ?? 0) > 1 ? { ...node, name: `${node.name} (${node.instanceId})` } : node,
    )
    .sort(byName);
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
