import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  TargetGroupNotFoundException,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target } from '../contracts/load-balancer';
import type { TargetHealth } from '../domain/load-balancer-turns';

/** All targets of a group; undefined when there is no such group. */
export async function describeTargets(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<TargetHealth[] | undefined> {
  const described = await unlessGone(() =>
    client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn })),
  );
  return described?.TargetHealthDescriptions?.map(({ Target: target, TargetHealth: health }) => {
    const reason = [health?.Reason, health?.Description].filter(Boolean).join(': ');
    return {
      id: target?.Id ?? '',
      port: target?.Port ?? 0,
      state: health?.State ?? 'unknown',
      ...(reason === '' ? {} : { reason }),
    };
  });
}

/** Registered ones stay registered. @returns false when there is no such group */
export async function registerTarget(client: ElasticLoadBalancingV2Client, target: Target): Promise<boolean> {
  const done = await unlessGone(() => client.send(new RegisterTargetsCommand(inputOf(target))));
  return done !== undefined;
}

/** @returns false when there is no such group */
export async function deregisterTarget(client: ElasticLoadBalancingV2Client, target: Target): Promise<boolean> {
  const done = await unlessGone(() => client.send(new DeregisterTargetsCommand(inputOf(target))));
  return done !== undefined;
}

const inputOf = ({ targetGroupArn, id, port }: Target) => ({
  TargetGroupArn: targetGroupArn,
  Targets: [{ Id: id, Port: port }],
});

async function unlessGone<Output>(call: () => Promise<Output>): Promise<Output | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof TargetGroupNotFoundException) return undefined;
    throw error;
  }
}
