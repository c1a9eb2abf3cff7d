import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { MAX_NAME_LENGTH } from '../limits';

// White space, brackets, wildcards, special and control characters (API_StartExecution, "name").
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]/u;

/** @throws AwsError InvalidName */
export function checkName(name: string, what: string): string {
  if (name.length >= 1 && name.length <= MAX_NAME_LENGTH && !FORBIDDEN.test(name)) return name;
  throw new AwsError(
    'InvalidName',
    `Invalid Name: '${name}'. The name of ${what} has 1 to ${MAX_NAME_LENGTH} characters, without white space, brackets, wildcards or any of "#%\\^|~\`$&,;:/`,
  );
}

export const stateMachineArn = (name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;

/** @throws AwsError InvalidArn */
export function checkArn(arn: string, kind: 'stateMachine' | 'execution'): string {
  if (!arn.startsWith('arn:')) throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (!arn.includes(`:${kind}:`))
    throw new AwsError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${arn}'`);
  return arn;
}
