import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Permission } from './lambda-function';

/** Take nodes out of target groups, put them back, or both. */
export const changeTargets = (scope: Construct, ...verbs: ('Register' | 'Deregister')[]): Permission[] => [
  {
    actions: verbs.map((verb) => `elasticloadbalancing:${verb}Targets`),
    resources: [
      Stack.of(scope).formatArn({ service: 'elasticloadbalancing', resource: 'targetgroup', resourceName: '*' }),
    ],
    because:
      'The target groups of clusters that somebody else built: their names are not known beforehand, they are found by the nodes registered in them.',
  },
  ...(verbs.includes('Register') ? [LOOK_UP_TARGETS] : []),
];

/**
 * Elastic Load Balancing looks targets up in EC2 with the rights of the role that registers them, and refuses where one is missing: its
 * user guide, "API permissions". Without them, a control plane that was taken out would stay out.
 */
const LOOK_UP_TARGETS: Permission = {
  actions: ['Instances', 'InternetGateways', 'Subnets', 'Vpcs'].map((what) => `ec2:Describe${what}`),
  resources: ['*'],
  because: 'Registering targets needs these, and describing instances and networks has no resource-level permissions.',
};

/** See which nodes are in which target group. */
export const describeTargets = (...more: string[]): Permission => ({
  actions: ['elasticloadbalancing:DescribeTargetHealth', ...more],
  resources: ['*'],
  because: 'IAM has no resource-level permissions for describing instances, target groups and their targets.',
});
