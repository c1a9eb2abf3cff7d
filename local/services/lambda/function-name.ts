import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';

export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** FunctionName may be a name, name:qualifier, a partial or a whole ARN. @throws AwsError ValidationException for anything else. */
export function parseFunctionName(input: Record<string, unknown>): { name: string; qualifier?: string } {
  const { FunctionName: given, Qualifier: qualifier } = input as { FunctionName?: unknown; Qualifier?: string };
  const match = /^(?:(?:arn:aws:lambda:[^:]+:)?\d{12}:function:|function:)?([A-Za-z0-9_-]+)(?::(.+))?$/.exec(
    String(given),
  );
  if (!match)
    throw new AwsError(
      'ValidationException',
      `FunctionName must be a function's name or ARN, not ${JSON.stringify(given)}.`,
    );
  const of = qualifier ?? match[2];
  return { name: match[1]!, ...(of && { qualifier: of }) };
}
