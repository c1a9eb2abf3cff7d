import type { Permission } from '../aws/aws-call';

/** What an action needs that hands a role to a service. */
export const passRole = (roleArn: string, service: `${string}.amazonaws.com`): Permission => ({
  action: 'iam:PassRole',
  resource: roleArn,
  conditionKeys: { 'iam:PassedToService': service },
});
