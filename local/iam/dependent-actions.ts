/**
 * Actions that AWS carries out with more rights of the caller than their own, by action. An action whose further rights are for
 * what its input names (`iam:PassRole` for the role that is passed) has them among its own permissions instead.
 *
 * Sources: Elastic Load Balancing's user guide, "API permissions" (the Service Authorization Reference does not list them, and
 * DeregisterTargets and the Describe actions need none); for all other services here, the column "Dependent actions" of the Service
 * Authorization Reference, which has none but those for what the input names.
 */
export const DEPENDENT_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'elasticloadbalancing:RegisterTargets': [
    'ec2:DescribeInstances',
    'ec2:DescribeInternetGateways',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
  ],
};
