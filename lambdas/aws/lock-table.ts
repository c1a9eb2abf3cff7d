import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { LockItem } from '../contracts/cluster-lock';
import { loadBalancerKey, loadBalancerRecord, type LoadBalancerRecord } from '../contracts/load-balancer';

/** Who holds the cluster's lock now; undefined when nobody does. */
export async function readLock(client: DynamoDBClient, table: string, cluster: string): Promise<LockItem | undefined> {
  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: table, Key: { cluster: { S: cluster } }, ConsistentRead: true }),
  );
  if (!item?.holder?.S) return undefined;
  return { cluster, holder: item.holder.S, operation: item.operation?.S, since: item.since?.S };
}

/** Everybody's locks, and the freezes beside them, by the keys of their items. */
export async function readLockTable(
  client: DynamoDBClient,
  table: string,
): Promise<Map<string, Record<string, string>>> {
  const items = new Map<string, Record<string, string>>();
  for await (const page of paginateScan({ client }, { TableName: table })) {
    for (const { cluster, ...item } of page.Items ?? []) {
      const texts = Object.entries(item).map(([name, value]) => [name, value.S ?? '']);
      items.set(cluster?.S ?? '', Object.fromEntries(texts) as Record<string, string>);
    }
  }
  return items;
}

/**
 * Takes the lock if it is still as it was read: held by `from`, or free when `from` is absent.
 * @returns false when somebody else was quicker
 */
export async function takeLock(
  client: DynamoDBClient,
  table: string,
  lock: Required<LockItem>,
  from: string | undefined,
): Promise<boolean> {
  const put = new PutItemCommand({
    TableName: table,
    Item: {
      cluster: { S: lock.cluster },
      holder: { S: lock.holder },
      operation: { S: lock.operation },
      since: { S: lock.since },
    },
    ConditionExpression: from === undefined ? 'attribute_not_exists(holder)' : 'holder = :from',
    ...(from === undefined ? {} : { ExpressionAttributeValues: { ':from': { S: from } } }),
  });
  return conditional(() => client.send(put));
}

/**
 * Takes the lock when nobody has it, or finds that this holder has it already: what check-command asks before a node is changed.
 * @returns false when somebody else has it
 */
export async function holdLock(client: DynamoDBClient, table: string, lock: Required<LockItem>): Promise<boolean> {
  return (await takeLock(client, table, lock, lock.holder)) || takeLock(client, table, lock, undefined);
}

/**
 * Gives the lock back if `holder` has it.
 * @returns false when it did not
 */
export async function releaseLock(
  client: DynamoDBClient,
  table: string,
  cluster: string,
  holder: string,
): Promise<boolean> {
  const remove = new DeleteItemCommand({
    TableName: table,
    Key: { cluster: { S: cluster } },
    ConditionExpression: 'holder = :holder',
    ExpressionAttributeValues: { ':holder': { S: holder } },
  });
  return conditional(() => client.send(remove));
}

/** @returns false when the condition of the write was not met */
export async function conditional(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

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
