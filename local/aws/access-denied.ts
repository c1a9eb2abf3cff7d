import type { Decision } from '../iam/iam';
import { callerArn } from '../iam/caller-arn';
import type { AwsCall, Permission } from './aws-call';
import { AwsError } from './aws-call';

/** Services whose error for it is not called AccessDeniedException. */
const CODES: Record<string, { code: string; status: number }> = {
  autoscaling: { code: 'AccessDenied', status: 403 },
  ec2: { code: 'UnauthorizedOperation', status: 403 },
  elasticloadbalancing: { code: 'AccessDenied', status: 403 },
  sns: { code: 'AuthorizationErrorException', status: 403 },
  sts: { code: 'AccessDenied', status: 403 },
  sqs: { code: 'AccessDenied', status: 403 },
  cloudwatch: { code: 'AccessDenied', status: 403 },
  lambda: { code: 'AccessDeniedException', status: 403 },
  s3: { code: 'AccessDenied', status: 403 },
  scheduler: { code: 'AccessDeniedException', status: 403 },
};

/** AccessDenied in the words of AWS: under the code of the service that was called, also for the right to a dependent action. */
export function accessDenied(call: AwsCall, { action, resource }: Permission, decision: Decision): AwsError {
  const { code, status } = CODES[call.service] ?? { code: 'AccessDeniedException', status: 400 };
  const what = namesNoResource(action, resource) ? action : `${action} on resource: ${resource}`;
  const denied = `User: ${callerArn(call.caller)} is not authorized to perform: ${what} ${decision.because}`;
  return new AwsError(
    code,
    call.service === 'ec2' ? `You are not authorized to perform this operation. ${denied}` : denied,
    status,
  );
}

/** EC2 and Elastic Load Balancing leave out a resource that is all of them; the first also where the second asks it for the caller. */
const namesNoResource = (action: string, resource: string): boolean =>
  resource === '*' && /^(ec2|elasticloadbalancing):/.test(action);
