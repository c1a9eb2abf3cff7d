import { paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancing } from '../../aws/clients';
import { mayHoldApiServers } from '../../aws/find-targets';
import { describeTargets } from '../../aws/target-groups';
import type { Instance } from '../../domain/nodes/cluster-nodes';
import { ROLE_TAG } from '../../contracts/cluster-config';
import type { ApiServerTargets } from './examine';

/** The target groups in which a control plane of these is registered on this port. */
export async function findApiServerTargets(instances: Instance[], port: number): Promise<ApiServerTargets[]> {
  const controlPlanes = instances.filter(({ tags }) => tags[ROLE_TAG] === 'control-plane');
  const ids = new Set(controlPlanes.flatMap(({ instanceId, privateIp }) => [instanceId, privateIp]));
  const found: ApiServerTargets[] = [];
  for await (const page of paginateDescribeTargetGroups({ client: loadBalancing() }, {})) {
    for (const group of (page.TargetGroups ?? []).filter(mayHoldApiServers)) {
      const all = (await describeTargets(loadBalancing(), group.TargetGroupArn ?? '')) ?? [];
      const targets = all.filter((target) => ids.has(target.id) && target.port === port);
      if (targets.length > 0) found.push({ name: group.TargetGroupName ?? '', targets });
    }
  }
  return found;
}
