import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { registerTargetsInput, type LoadBalancerTurn, type Target } from '../../contracts/load-balancer';
import { ec2, loadBalancing } from '../../aws/clients';
import { registerTarget } from '../../aws/target-groups';
import { logger, parsePayload } from '../../runtime/lambda';
import { UserError } from '../../runtime/user-error';
import { turnOfNewTarget } from './turn-of-new-target';

/** Registers a control plane that is about to serve in the target groups that the cluster's settings name. Registered ones stay registered. */
export async function handler(payload: unknown): Promise<LoadBalancerTurn> {
  const { cluster, node, config } = parsePayload(registerTargetsInput, payload);
  const arns = config.kubernetes?.targetGroups ?? [];
  const targets =
    arns.length > 0 ? await targetsOf(cluster, node.instanceId, arns, config.loadBalancer.apiServerPort) : [];
  for (const target of targets) await registerTarget(loadBalancing(), target);
  const turn = turnOfNewTarget(node.name, targets);
  logger.info('Registered in the load balancer', { cluster, node: node.name, said: turn.said });
  return turn;
}

/** @throws UserError InvalidClusterConfig: there is no such target group */
async function targetsOf(cluster: string, instanceId: string, arns: string[], port: number): Promise<Target[]> {
  const { TargetGroups: groups = [] } = await loadBalancing()
    .send(new DescribeTargetGroupsCommand({ TargetGroupArns: arns }))
    .catch((error: Error) => {
      if (error.name !== 'TargetGroupNotFoundException') throw error;
      throw new UserError(
        'InvalidClusterConfig',
        `A target group of ${cluster} does not exist (${arns.join(', ')}): correct kubernetes.targetGroups in clusters/${cluster}.yaml and deploy again.`,
      );
    });
  const byAddress = groups.some(({ TargetType: type }) => type === 'ip');
  const address = byAddress ? await privateIp(instanceId) : undefined;
  return groups.map(
    ({ TargetGroupArn: targetGroupArn = '', TargetGroupName: targetGroupName = '', TargetType: type }) => ({
      ...{ targetGroupArn, targetGroupName, port },
      id: (type === 'ip' ? address : undefined) ?? instanceId,
    }),
  );
}

async function privateIp(instanceId: string): Promise<string | undefined> {
  const { Reservations = [] } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  return Reservations[0]?.Instances?.[0]?.PrivateIpAddress;
}
