import { createHash } from 'node:crypto';
import {
  DeleteParametersCommand,
  paginateGetParametersByPath,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { BOOTSTRAP_SECRETS } from '../contracts/repair';

/** DeleteParameters takes so many names. */
const MOST_NAMES = 10;

/** Every secret of an execution has it in its name: whoever ends the execution can find them. */
const markOf = (execution: string) => createHash('sha256').update(execution).digest('hex').slice(0, 20);

/** Name of a secret that nodes read themselves: a SecureString parameter for the time of one execution. */
export const secretName = (what: string, cluster: string, execution: string) =>
  `${BOOTSTRAP_SECRETS}/${cluster}/${what}-${markOf(execution)}`;

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

/** Those that are not there are deleted already. */
export async function deleteSecrets(client: SSMClient, names: string[]): Promise<void> {
  for (let start = 0; start < names.length; start += MOST_NAMES)
    await client.send(new DeleteParametersCommand({ Names: names.slice(start, start + MOST_NAMES) }));
}

/** Whatever secrets an execution has left. Their values are not asked for. */
export async function deleteSecretsOf(client: SSMClient, cluster: string, execution: string): Promise<void> {
  const names: string[] = [];
  const path = `${BOOTSTRAP_SECRETS}/${cluster}/`;
  for await (const { Parameters: page = [] } of paginateGetParametersByPath({ client }, { Path: path }))
    names.push(...page.flatMap(({ Name: name = '' }) => (name.includes(`-${markOf(execution)}`) ? [name] : [])));
  await deleteSecrets(client, names);
}
