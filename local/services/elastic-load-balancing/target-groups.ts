import { createHash } from 'node:crypto';
import type { AwsOutput } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import type { Target, TargetGroup } from '../../nodes/target-group';
import { VPC } from '../ec2/instances';

const ARN = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;
const idOf = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 16);

export const targetGroupArn = ({ name }: TargetGroup): string => `${ARN}:targetgroup/${name}/${idOf(name)}`;

/** Load balancers are not created here; a group in use says that there is one, as AWS does. */
export function describeTargetGroup(group: TargetGroup): AwsOutput {
  const layer = group.protocol.startsWith('HTTP') ? 'app' : 'net';
  return {
    TargetGroupArn: targetGroupArn(group),
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId ?? VPC,
    TargetType: group.targetType,
    HealthCheckEnabled: true,
    HealthCheckProtocol: 'TCP',
    HealthCheckPort: 'traffic-port',
    IpAddressType: 'ipv4',
    LoadBalancerArns: group.isInUse ? [`${ARN}:loadbalancer/${layer}/${group.name}/${idOf(group.name)}`] : [],
  };
}

/** Only what the app reads. */
export function describeAttributes({ deregistrationSeconds = 300 }: TargetGroup): AwsOutput {
  return { Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(deregistrationSeconds) }] };
}

export function describeTargetHealth({ id, port, state, reason }: Target): AwsOutput {
  return {
    Target: { Id: id, Port: port },
    HealthCheckPort: String(port),
    TargetHealth: { State: state, ...(reason && { Reason: reason, Description: DESCRIPTIONS[reason] ?? reason }) },
  };
}

/** In the words of AWS. */
const DESCRIPTIONS: Record<string, string> = {
  'Elb.RegistrationInProgress': 'Target registration is in progress',
  'Target.FailedHealthChecks': 'Health checks failed',
  'Target.DeregistrationInProgress': 'Target deregistration is in progress',
  'Target.NotInUse': 'Target group is not configured to receive traffic from the load balancer',
  'Target.NotRegistered': 'Target is not registered to the target group',
};

/** @throws AwsError TargetGroupNotFoundException */
export function findTargetGroup(groups: TargetGroup[], wanted: string, by = targetGroupArn): TargetGroup {
  const found = groups.find((group) => by(group) === wanted);
  if (!found) throw new AwsError('TargetGroupNotFoundException', `Target groups '${wanted}' not found`);
  return found;
}
