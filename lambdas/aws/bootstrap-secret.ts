import type { SSMClient } from '@aws-sdk/client-ssm';
import { deleteSecret, secretName } from './secrets';

/** Name of the SecureString parameter with an execution's bootstrap token. */
export const bootstrapSecretName = (cluster: string, execution: string): string =>
  secretName('bootstrap-token', cluster, execution);

/** Name of the SecureString parameter with the key for the certificates of control planes that join. */
export const certificateKeyName = (cluster: string, execution: string): string =>
  secretName('certificate-key', cluster, execution);

/** The secrets that nodes join with. */
export async function deleteJoinSecrets(client: SSMClient, cluster: string, execution: string): Promise<void> {
  await deleteBootstrapSecret(client, cluster, execution);
  await deleteSecret(client, certificateKeyName(cluster, execution));
}

/** @returns false when there was none */
export const deleteBootstrapSecret = (client: SSMClient, cluster: string, execution: string): Promise<boolean> =>
  deleteSecret(client, bootstrapSecretName(cluster, execution));
