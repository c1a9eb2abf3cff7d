import type { Decision } from '../iam/iam';
import { callerArn } from '../iam/caller-arn';
import type { AwsCall, Permission } from './aws-call';
import { AwsError } from './aws-call';

/** Services whose error for it is not called AccessDeniedException. */
const CODES: Record<string, { code: string; status: number }> = {
  ec2: { code: 'UnauthorizedOperation', status: 403 },
  elasticloadbalancing: { code: 'AccessDenied', status: 403 },
  sns: { code: 'AuthorizationErrorException', status: 403 },
  sts: { code: 'AccessDenied', status: 403 },
  sqs: { code: 'AccessDenied', status: 403 },
  cloudwatch: { code: 'AccessDenied', status: 403 },
  lambda: { code: 'AccessDeniedException', status: 403 },
  scheduler: { code: 'AccessDeniedException', status: 403 },
};

/** AccessDenied in the words of AWS. */
export function accessDenied(call: AwsCall, { action, resource }: Permission, decision: Decision): AwsError {
  const { code, status } = CODES[call.service] ?? { code: 'AccessDeniedException', status: 400 };
  const denied = `User: ${callerArn(call.caller)} is not authorized to perform: ${action} on resource: ${resource} ${decision.because}`;
  return new AwsError(
    code,
    call.service === 'ec2' ? `You are not authorized to perform this operation. ${denied}` : denied,
    status,
  );
}
