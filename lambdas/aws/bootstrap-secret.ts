import { DeleteParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { secretName } from './secrets';

/** Name of the SecureString parameter with an execution's bootstrap token. */
export const bootstrapSecretName = (cluster: string, execution: string): string =>
  secretName('bootstrap-token', cluster, execution);

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
