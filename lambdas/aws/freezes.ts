import { DeleteItemCommand, GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { freezeKey, type FreezeRecord } from '../contracts/freeze';
import { conditional } from './lock-table';

/** What a person has frozen the cluster for; undefined when nobody has. */
export async function readFreeze(
  client: DynamoDBClient,
  table: string,
  cluster: string,
): Promise<FreezeRecord | undefined> {
  const key = { cluster: { S: freezeKey(cluster) } };
  const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
  if (!item) return undefined;
  return { cluster, reason: item.reason?.S ?? '', who: item.who?.S ?? '', since: item.since?.S ?? '' };
}

/** Replaces the freeze that there may be. */
export async function writeFreeze(client: DynamoDBClient, table: string, freeze: FreezeRecord): Promise<void> {
  const { cluster, reason, who, since } = freeze;
  await client.send(
    new PutItemCommand({
      TableName: table,
      Item: { cluster: { S: freezeKey(cluster) }, reason: { S: reason }, who: { S: who }, since: { S: since } },
    }),
  );
}

/** @returns false when there was none */
export async function deleteFreeze(client: DynamoDBClient, table: string, cluster: string): Promise<boolean> {
  const remove = new DeleteItemCommand({
    TableName: table,
    Key: { cluster: { S: freezeKey(cluster) } },
    ConditionExpression: 'attribute_exists(reason)',
  });
  return conditional(() => client.send(remove));
}
