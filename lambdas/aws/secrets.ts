import { createHash } from 'node:crypto';
import {
  DeleteParameterCommand,
  paginateDescribeParameters,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { BOOTSTRAP_SECRETS } from '../contracts/repair';

/**
 * Name of a secret that nodes read themselves: a SecureString parameter for the time of one execution, whose name it has in a form that fits,
 * so that whoever ends the execution can find it.
 */
export function secretName(what: string, cluster: string, execution: string): string {
  const suffix = createHash('sha256').update(execution).digest('hex').slice(0, 20);
  return `${BOOTSTRAP_SECRETS}/${cluster}/${what}-${suffix}`;
}

export async function putSecret(client: SSMClient, name: string, value: string, description: string): Promise<void> {
  await client.send(
    new PutParameterCommand({
      Name: name,
      Type: 'SecureString',
      Value: value,
      Overwrite: true,
      // A presigned URL with a long session token has more than the 4 KB of a standard parameter.
      Tier: 'Intelligent-Tiering',
      Description: description.slice(0, 1024),
    }),
  );
}

/** @returns false when there was none */
export async function deleteSecret(client: SSMClient, name: string): Promise<boolean> {
  try {
    await client.send(new DeleteParameterCommand({ Name: name }));
    return true;
  } catch (error) {
    if (error instanceof ParameterNotFound) return false;
    throw error;
  }
}

/** Of an execution that has one secret for each node. Their values are not asked for: nobody in the app may read them. */
export async function deleteSecretsOfNodes(client: SSMClient, prefix: string): Promise<void> {
  const filter = { Key: 'Name', Option: 'BeginsWith', Values: [`${prefix}-`] };
  for await (const { Parameters: page = [] } of paginateDescribeParameters({ client }, { ParameterFilters: [filter] }))
    for (const { Name: name } of page) if (name !== undefined) await deleteSecret(client, name);
}
