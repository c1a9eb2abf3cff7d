import { DeleteItemCommand, GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { loadBalancerKey, loadBalancerRecord, type LoadBalancerRecord } from '../contracts/load-balancer';
import { conditional } from './lock';

/** What is out of the cluster's load balancer now; undefined when nothing is. */
export async function readRecord(
  client: DynamoDBClient,
  table: string,
  cluster: string,
): Promise<LoadBalancerRecord | undefined> {
  const key = { cluster: { S: loadBalancerKey(cluster) } };
  const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
  if (!item?.turn?.S) return undefined;
  return loadBalancerRecord.parse({ ...(JSON.parse(item.turn.S) as object), cluster, holder: item.holder?.S });
}

/**
 * Writes it down unless another execution's record is there.
 * @returns false when one is
 */
export async function writeRecord(client: DynamoDBClient, table: string, record: LoadBalancerRecord): Promise<boolean> {
  const { cluster, holder, ...turn } = record;
  const put = new PutItemCommand({
    TableName: table,
    Item: { cluster: { S: loadBalancerKey(cluster) }, holder: { S: holder }, turn: { S: JSON.stringify(turn) } },
    ConditionExpression: 'attribute_not_exists(holder) OR holder = :holder',
    ExpressionAttributeValues: { ':holder': { S: holder } },
  });
  return conditional(() => client.send(put));
}

/** Deletes it if `holder` wrote it; nothing to delete is fine. */
export async function deleteRecord(
  client: DynamoDBClient,
  table: string,
  cluster: string,
  holder: string,
): Promise<void> {
  const remove = new DeleteItemCommand({
    TableName: table,
    Key: { cluster: { S: loadBalancerKey(cluster) } },
    ConditionExpression: 'holder = :holder',
    ExpressionAttributeValues: { ':holder': { S: holder } },
  });
  await conditional(() => client.send(remove));
}
