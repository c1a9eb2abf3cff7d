import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteParameterCommand, ParameterNotFound, PutParameterCommand } from '@aws-sdk/client-ssm';
import { SECRETS, secretsKey } from '../contracts/secrets';
import { environment } from '../runtime/lambda';
import { dynamoDb, ssm, stepFunctions } from './clients';
import { executionStatus, isRunning } from './executions';
import { conditional } from './lock-table';

/** The item beside a cluster's lock that names the SecureString parameters of its operation, so that whoever ends that can find them. */
export interface SecretsRecord {
  /** ARN of the execution that made them. */
  holder: string;
  names: string[];
}

/** A name that nobody can know before: a node that is not told it cannot ask for it. */
export function newSecretName(what: string, cluster: string): string {
  return `${SECRETS}/${cluster}/${what}-${randomBytes(16).toString('hex')}`;
}

/**
 * Puts secrets where nodes read them themselves, for the time of one execution, which holds the cluster's lock. Their names are written down
 * first. What this execution made before, or one before it left, is deleted.
 */
export async function makeSecrets(
  cluster: string,
  execution: string,
  description: string,
  secrets: { name: string; value: string }[],
): Promise<void> {
  const left = await readSecretsRecord(cluster);
  if (left) await deleteSecrets(cluster, left);
  const record = { holder: execution, names: secrets.map(({ name }) => name) };
  if (!(await writeSecretsRecord(cluster, record)))
    throw new Error(`Another execution makes secrets for ${cluster} at this moment: start the operation again.`);
  for (const { name, value } of secrets) await putSecret(name, value, description);
  // Stopped while this was under way: on-operation-ended may have deleted before there was anything to delete.
  if (!isRunning(await executionStatus(stepFunctions(), execution))) {
    await deleteSecrets(cluster, record);
    throw new Error(`${execution} has ended meanwhile: its secrets were deleted again.`);
  }
}

/** What the cluster's last operation with secrets left, or uses now; undefined when there is none. */
export async function readSecretsRecord(cluster: string): Promise<SecretsRecord | undefined> {
  const { Item: item } = await dynamoDb().send(
    new GetItemCommand({ TableName: environment('LOCK_TABLE'), Key: keyOf(cluster), ConsistentRead: true }),
  );
  return item?.holder?.S && item.names?.SS ? { holder: item.holder.S, names: item.names.SS } : undefined;
}

/** Deletes the secrets, which may be gone, and then their record, if it is still this one. */
export async function deleteSecrets(cluster: string, { holder, names }: SecretsRecord): Promise<void> {
  for (const name of names) await deleteSecret(name);
  const remove = new DeleteItemCommand({
    TableName: environment('LOCK_TABLE'),
    Key: keyOf(cluster),
    ConditionExpression: 'holder = :holder',
    ExpressionAttributeValues: { ':holder': { S: holder } },
  });
  await conditional(() => dynamoDb().send(remove));
}

/** Deletes what this execution has made; what another one has made is its own business. */
export async function deleteSecretsOf(cluster: string, execution: string): Promise<void> {
  const record = await readSecretsRecord(cluster);
  if (record?.holder === execution) await deleteSecrets(cluster, record);
}

/** @returns false when there is a record already */
async function writeSecretsRecord(cluster: string, { holder, names }: SecretsRecord): Promise<boolean> {
  const put = new PutItemCommand({
    TableName: environment('LOCK_TABLE'),
    Item: { ...keyOf(cluster), holder: { S: holder }, names: { SS: names } },
    ConditionExpression: 'attribute_not_exists(holder)',
  });
  return conditional(() => dynamoDb().send(put));
}

async function putSecret(name: string, value: string, description: string): Promise<void> {
  await ssm().send(
    new PutParameterCommand({
      Name: name,
      Type: 'SecureString',
      Value: value,
      // A presigned URL with a long session token has more than the 4 KB of a standard parameter.
      Tier: 'Intelligent-Tiering',
      Description: description.slice(0, 1024),
    }),
  );
}

async function deleteSecret(name: string): Promise<void> {
  try {
    await ssm().send(new DeleteParameterCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
  }
}

const keyOf = (cluster: string) => ({ cluster: { S: secretsKey(cluster) } });
