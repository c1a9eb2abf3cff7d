import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal, type IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../foundation/acknowledge';

/** What the SSM agent does for Run Command and its own updates; none of it takes a resource. */
const AGENT = [
  'ssm:UpdateInstanceInformation',
  'ssm:ListAssociations',
  'ssm:ListInstanceAssociations',
  'ssm:DescribeAssociation',
  'ssm:UpdateAssociationStatus',
  'ssm:UpdateInstanceAssociationStatus',
  'ssm:DescribeDocument',
  'ssm:GetDocument',
  'ssm:GetManifest',
  'ssm:PutConfigurePackageResult',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
];

export interface NodeRoleProps {
  cluster: string;
  role: 'control-plane' | 'worker';
  managedPolicies: IManagedPolicy[];
}

/**
 * The role of a cluster's nodes. It has what the SSM agent needs, as AmazonSSMManagedInstanceCore has, and reads no parameter but the secrets of
 * its own cluster, for the time in which there are any; a worker not those that make a control plane. Snapshots leave a node by presigned URL,
 * which needs no right.
 */
export function nodeRole(scope: Construct, id: string, { cluster, role, managedPolicies }: NodeRoleProps): Role {
  const nodes = new Role(scope, id, {
    assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    description: `Nodes of the cluster ${cluster}: ${role}`,
    managedPolicies,
  });
  const secrets = (name: string) =>
    Stack.of(scope).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: `kubeadm-autopilot/secrets/${cluster}/${name}`,
    });
  nodes.addToPolicy(new PolicyStatement({ sid: 'SsmAgent', actions: AGENT, resources: ['*'] }));
  nodes.addToPolicy(
    new PolicyStatement({ sid: 'SecretsOfThisCluster', actions: ['ssm:GetParameter'], resources: [secrets('*')] }),
  );
  if (role === 'worker')
    nodes.addToPolicy(
      new PolicyStatement({
        sid: 'CertificatesOfControlPlanes',
        effect: Effect.DENY,
        actions: ['ssm:GetParameter'],
        resources: [secrets('certificate-key-*')],
      }),
    );
  acknowledgeWildcards(nodes, ['*'], "The SSM agent's own actions take no resource.");
  acknowledgeWildcards(
    nodes,
    [secrets('*'), secrets('certificate-key-*')],
    'Secrets of one cluster; each execution gives them new names.',
  );
  return nodes;
}
