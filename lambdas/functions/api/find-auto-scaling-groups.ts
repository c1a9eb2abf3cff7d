import { paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { autoScaling } from '../../aws/clients';
import { ROLE_TAG } from '../../contracts/cluster-config';
import type { Instance } from '../../domain/nodes/cluster-nodes';

/** An Auto Scaling group that control planes or etcd nodes of a cluster are in. */
export interface AutoScalingGroup {
  name: string;
  /** An instance whose termination hook is abandoned stays. */
  retains: boolean;
  /** Ids of its instances that a smaller group, or a rebalancing of zones, may end. */
  unprotected: string[];
}

/** Auto Scaling tags each instance with its group. As many names as one call takes, which are more than a cluster has control planes. */
const GROUP = 'aws:autoscaling:groupName';

export async function findAutoScalingGroups(instances: Instance[]): Promise<AutoScalingGroup[]> {
  const members = instances.filter(({ tags }) => tags[GROUP] !== undefined && tags[ROLE_TAG] !== 'worker');
  const AutoScalingGroupNames = [...new Set(members.map(({ tags }) => tags[GROUP]!))];
  if (AutoScalingGroupNames.length === 0) return [];
  const ids = new Set(members.map(({ instanceId }) => instanceId));
  const found: AutoScalingGroup[] = [];
  for await (const page of paginateDescribeAutoScalingGroups({ client: autoScaling() }, { AutoScalingGroupNames })) {
    for (const group of page.AutoScalingGroups ?? [])
      found.push({
        name: group.AutoScalingGroupName ?? '',
        retains: group.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain',
        unprotected: (group.Instances ?? [])
          .filter(({ InstanceId = '', ProtectedFromScaleIn }) => ids.has(InstanceId) && ProtectedFromScaleIn !== true)
          .map(({ InstanceId = '' }) => InstanceId),
      });
  }
  return found;
}
