import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { paginateDescribeTargetGroups, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ec2, loadBalancing } from './clients';
import { describeTargets } from './target-groups';
import type { ObservedTarget } from '../domain/load-balancer-turns';

/** What an API server can be behind; UDP and HTTP it cannot. */
const PROTOCOLS = new Set(['TCP', 'TLS', 'TCP_UDP', 'HTTPS']);

/** Whether a target group could be one of API servers: it serves a load balancer, and its targets are machines. */
export function mayHoldApiServers({ Protocol, TargetType, LoadBalancerArns = [] }: TargetGroup): boolean {
  return (
    PROTOCOLS.has(Protocol ?? '') && (TargetType === 'instance' || TargetType === 'ip') && LoadBalancerArns.length > 0
  );
}

/** The target groups of the instance's own network in which it is registered on this port, each with all of its targets. */
export async function findTargets(instanceId: string, port: number): Promise<ObservedTarget[]> {
  const candidates: TargetGroup[] = [];
  for await (const page of paginateDescribeTargetGroups({ client: loadBalancing() }, {})) {
    candidates.push(...(page.TargetGroups ?? []).filter(mayHoldApiServers));
  }
  if (candidates.length === 0) return [];
  const { Reservations = [] } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const instance = Reservations[0]?.Instances?.[0];

  const found: ObservedTarget[] = [];
  // Addresses are unique within a network only: another one may have this instance's address too.
  for (const group of candidates.filter(({ VpcId }) => VpcId === instance?.VpcId)) {
    const id = group.TargetType === 'ip' ? instance?.PrivateIpAddress : instanceId;
    const targets = await describeTargets(loadBalancing(), group.TargetGroupArn ?? '');
    if (id === undefined || !targets?.some((target) => target.id === id && target.port === port)) continue;
    const { TargetGroupArn: targetGroupArn = '', TargetGroupName: targetGroupName = '' } = group;
    found.push({ target: { targetGroupArn, targetGroupName, id, port }, targets, isOut: false });
  }
  return found;
}
