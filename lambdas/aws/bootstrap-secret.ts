import { createHash } from 'node:crypto';
import { DeleteParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { BOOTSTRAP_SECRETS } from '../contracts/repair';

/** Name of the SecureString parameter with an execution's bootstrap token: whoever ends the execution can find it. */
export function bootstrapSecretName(cluster: string, execution: string): string {
  const suffix = createHash('sha256').update(execution).digest('hex').slice(0, 20);
  return `${BOOTSTRAP_SECRETS}/${cluster}/bootstrap-token-${suffix}`;
}

/** @returns false when there was none */
export async function deleteBootstrapSecret(client: SSMClient, cluster: string, execution: string): Promise<boolean> {
  try {
    await client.send(new DeleteParameterCommand({ Name: bootstrapSecretName(cluster, execution) }));
    return true;
  } catch (error) {
    if (error instanceof ParameterNotFound) return false;
    throw error;
  }
}
