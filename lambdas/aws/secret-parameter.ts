import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** How long a value is used without asking again: so long does a changed secret take. */
const KEPT_MS = 5 * 60_000;
const kept = new Map<string, { value: string; until: number }>();

/**
 * The value of a SecureString parameter, kept in memory for five minutes.
 * @throws Error for a parameter that is not encrypted: a secret in the clear is none
 */
export async function readSecret(client: SSMClient, name: string): Promise<string> {
  const known = kept.get(name);
  if (known && known.until > Date.now()) return known.value;
  const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  if (parameter?.Type !== 'SecureString' || !parameter.Value)
    throw new Error(`The parameter ${name} must be a SecureString: create it again as one.`);
  kept.set(name, { value: parameter.Value, until: Date.now() + KEPT_MS });
  return parameter.Value;
}
