import type { SSMClient } from '@aws-sdk/client-ssm';
import { deleteSecret, secretName } from './secrets';

/** Name of the SecureString parameter with an execution's bootstrap token. */
export const bootstrapSecretName = (cluster: string, execution: string): string =>
  secretName('bootstrap-token', cluster, execution);

/** @returns false when there was none */
export const deleteBootstrapSecret = (client: SSMClient, cluster: string, execution: string): Promise<boolean> =>
  deleteSecret(client, bootstrapSecretName(cluster, execution));
