import {
  DescribeTargetGroupAttributesCommand,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ClusterNode } from '../contracts/node';
import { loadBalancing } from './clients';
import { mayHoldApiServers } from './find-targets';
import { describeTargets } from './target-groups';

const ATTRIBUTE = 'deregistration_delay.timeout_seconds';

/**
 * How long a control plane stays `draining` that leaves its target groups, in seconds: the longest of the groups in which one of these is
 * registered on this port. @returns null where none is registered anywhere
 */
export async function longestDeregistration(
  controlPlanes: Pick<ClusterNode, 'instanceId' | 'privateIp'>[],
  port: number,
): Promise<number | null> {
  const client = loadBalancing();
  const ids = new Set(controlPlanes.flatMap(({ instanceId, privateIp = instanceId }) => [instanceId, privateIp]));
  const seconds: number[] = [];
  for await (const page of paginateDescribeTargetGroups({ client }, {})) {
    for (const { TargetGroupArn: arn = '' } of (page.TargetGroups ?? []).filter(mayHoldApiServers)) {
      const targets = (await describeTargets(client, arn)) ?? [];
      if (!targets.some((target) => ids.has(target.id) && target.port === port)) continue;
      const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }));
      seconds.push(Number(Attributes.find(({ Key }) => Key === ATTRIBUTE)?.Value ?? NaN));
    }
  }
  return seconds.length === 0 ? null : Math.max(...seconds);
}
