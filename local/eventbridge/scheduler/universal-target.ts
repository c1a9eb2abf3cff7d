import { AwsError } from '../../aws/aws-call';

const UNIVERSAL = /^arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)$/;

/** IAM's service prefix by the name that the SDK for Java has for a service, where the two differ. */
const SERVICE: Record<string, string> = { sfn: 'states', eventbridge: 'events' };

export const isUniversalTarget = (arn: string) => UNIVERSAL.test(arn);

/**
 * The call of an AWS API that a universal target names; its Input has the API's members as the SDK for Java writes them.
 * @throws AwsError ValidationException when the Input is not a JSON object.
 */
export function universalCall(arn: string, input: string) {
  const [, sdkName, action] = UNIVERSAL.exec(arn)!;
  const service = SERVICE[sdkName!] ?? sdkName!;
  const members = readObject(arn, input);
  return {
    service,
    action: action![0]!.toUpperCase() + action!.slice(1),
    // Step Functions is the one service whose own API writes its members in lower case.
    input: service === 'states' ? lowerFirst(members) : members,
  };
}

function lowerFirst(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([key, value]) => [key[0]!.toLowerCase() + key.slice(1), value]),
  );
}

function readObject(arn: string, input: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new AwsError('ValidationException', `The Input for ${arn} has to be a JSON object, not ${input}.`);
}
