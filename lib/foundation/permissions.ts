import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Permission } from './lambda-function';

/** Take nodes out of target groups, put them back, or both. */
export const changeTargets = (scope: Construct, ...verbs: ('Register' | 'Deregister')[]): Permission => ({
  actions: verbs.map((verb) => `elasticloadbalancing:${verb}Targets`),
  resources: [
    Stack.of(scope).formatArn({ service: 'elasticloadbalancing', resource: 'targetgroup', resourceName: '*' }),
  ],
  because:
    'The target groups of clusters that somebody else built: their names are not known beforehand, they are found by the nodes registered in them.',
});

/** See which nodes are in which target group. */
export const describeTargets = (...more: string[]): Permission => ({
  actions: ['elasticloadbalancing:DescribeTargetHealth', ...more],
  resources: ['*'],
  because: 'IAM has no resource-level permissions for describing instances, target groups and their targets.',
});
