import type { Caller } from '../aws/aws-call';
import { ACCOUNT } from '../aws/aws-call';

/** The ARN that AWS shows for a caller: a role appears as its assumed session. */
export function callerArn({ principal, session = 'local' }: Caller): string {
  if (principal === 'user') return `arn:aws:iam::${ACCOUNT}:user/local`;
  const role = /^arn:[^:]+:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(principal);
  return role ? `arn:aws:sts::${role[1]}:assumed-role/${role[2]}/${session}` : principal;
}
