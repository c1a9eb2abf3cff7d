import { ROLE_TAG } from '../contracts/cluster-config';
import { nodeRole, type ClusterNode } from '../contracts/node';
import { groupBy } from '../shared/group-by';
import { byName } from '../shared/parse-results';
import { shorten } from '../shared/shorten';
import { UserError } from '../shared/user-error';
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
  const namesakes = groupBy(nodes, ({ name }) => name);
  return nodes
    .map((node) =>
      (namesakes.get(node.name)?.length ?? 0) > 1 ? { ...node, name: `${node.name} (${node.instanceId})` } : node,
    )
    .sort(byName);
}
