import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { paginateDescribeTargetGroups, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ec2, loadBalancing } from './clients';
import { describeTargets } from './target-groups';
import type { Target } from '../contracts/load-balancer';
import type { ObservedTarget } from '../domain/load-balancer-turns';

/** What an API server can be behind; UDP and HTTP it cannot. */
const PROTOCOLS = new Set(['TCP', 'TLS', 'TCP_UDP', 'HTTPS']);

/** Whether a target group could be one of API servers: it serves a load balancer, and its targets are machines. */
export function mayHoldApiServers({ Protocol, TargetType, LoadBalancerArns = [] }: TargetGroup): boolean {
  return (
    PROTOCOLS.has(Protocol ?? '') && (TargetType === 'instance' || TargetType === 'ip') && LoadBalancerArns.length > 0
  );
}

async function findGroups(isCandidate: (group: TargetGroup) => boolean): Promise<TargetGroup[]> {
  const groups: TargetGroup[] = [];
  for await (const page of paginateDescribeTargetGroups({ client: loadBalancing() }, {}))
    groups.push(...(page.TargetGroups ?? []).filter(isCandidate));
  return groups;
}

async function describe(instanceId: string): Promise<Instance | undefined> {
  const { Reservations = [] } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  return Reservations[0]?.Instances?.[0];
}

/** The target groups of the instance's own network in which it is registered on this port, each with all of its targets. */
export async function findTargets(instanceId: string, port: number): Promise<ObservedTarget[]> {
  const candidates = await findGroups(mayHoldApiServers);
  if (candidates.length === 0) return [];
  const instance = await describe(instanceId);

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

/** Everything that is a target by this instance, on any port, also where no load balancer uses the group; by its id alone where EC2 knows no such instance. */
export async function findTargetsOfNode(instanceId: string): Promise<Target[]> {
  const groups = await findGroups(({ TargetType }) => TargetType === 'instance' || TargetType === 'ip');
  if (groups.length === 0) return [];
  const instance = await describe(instanceId).catch((error: Error) => {
    if (!/^InvalidInstanceID/.test(error.name)) throw error;
    return undefined;
  });
  const found: Target[] = [];
  for (const { TargetGroupArn: targetGroupArn = '', TargetGroupName: targetGroupName = '', ...group } of groups) {
    const isByAddress = group.TargetType === 'ip';
    if (isByAddress && (instance === undefined || group.VpcId !== instance.VpcId)) continue;
    const own = isByAddress ? instance?.PrivateIpAddress : instanceId;
    const targets = (await describeTargets(loadBalancing(), targetGroupArn)) ?? [];
    for (const { id, port } of targets.filter((one) => one.id === own))
      found.push({ targetGroupArn, targetGroupName, id, port });
  }
  return found;
}
