import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm';
import { BOOTSTRAP_SECRETS, bootstrapSecretKey } from '../contracts/repair';
import { environment } from '../runtime/lambda';
import { dynamoDb, ssm } from './clients';
import { conditional } from './lock-table';

/** The item beside a cluster's lock that names the SecureString parameter with its operation's bootstrap token. */
export interface SecretRecord {
  /** ARN of the execution that made it. */
  holder: string;
  name: string;
}

/** A name that nobody can know before: a node that is not told it cannot ask for it. */
export function newSecretName(cluster: string): string {
  return `${BOOTSTRAP_SECRETS}/${cluster}/bootstrap-token-${randomBytes(16).toString('hex')}`;
}

/** What the cluster's last operation with a bootstrap token left, or uses now; undefined when there is none. */
export async function readSecretRecord(cluster: string): Promise<SecretRecord | undefined> {
  const { Item: item } = await dynamoDb().send(
    new GetItemCommand({ TableName: environment('LOCK_TABLE'), Key: keyOf(cluster), ConsistentRead: true }),
  );
  return item?.holder?.S && item.name?.S ? { holder: item.holder.S, name: item.name.S } : undefined;
}

/** Written before the secret is made, so that whoever ends the execution finds it. @returns false when there is one already */
export async function writeSecretRecord(cluster: string, { holder, name }: SecretRecord): Promise<boolean> {
  const put = new PutItemCommand({
    TableName: environment('LOCK_TABLE'),
    Item: { ...keyOf(cluster), holder: { S: holder }, name: { S: name } },
    ConditionExpression: 'attribute_not_exists(holder)',
  });
  return conditional(() => dynamoDb().send(put));
}

/** Deletes the secret, which may be gone, and then its record, if it is still this one. */
export async function deleteSecret(cluster: string, { holder, name }: SecretRecord): Promise<void> {
  try {
    await ssm().send(new DeleteParameterCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
  const remove = new DeleteItemCommand({
    TableName: environment('LOCK_TABLE'),
    Key: keyOf(cluster),
    ConditionExpression: 'holder = :holder',
    ExpressionAttributeValues: { ':holder': { S: holder } },
  });
  await conditional(() => dynamoDb().send(remove));
}

/** Deletes what this execution has made; what another one has made is its own business. */
export async function deleteSecretOf(cluster: string, execution: string): Promise<void> {
  const record = await readSecretRecord(cluster);
  if (record?.holder === execution) await deleteSecret(cluster, record);
}

const keyOf = (cluster: string) => ({ cluster: { S: bootstrapSecretKey(cluster) } });
