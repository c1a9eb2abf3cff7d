import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { approvalRecord, startRecord, type ApprovalRecord, type StartRecord } from '../contracts/approval';
import { conditional } from './lock-table';

/** As long as Step Functions keeps an execution. DynamoDB deletes an item some time after it has expired. */
const KEPT_SECONDS = 90 * 24 * 3600;

/** A record as it was read, so that it is written only if nobody else has written it since. */
export interface StoredApproval {
  record: ApprovalRecord;
  version: number;
  /** Wakes the state machine; absent until it waits. It proves nothing, and nobody else may see it. */
  token?: string | undefined;
}

const approvalKey = (execution: string) => ({ id: { S: `approval/${execution}` } });
const startKey = (execution: string) => ({ id: { S: `start/${execution}` } });
const expires = () => ({ N: String(Math.ceil(Date.now() / 1000) + KEPT_SECONDS) });

/** Undefined where none was asked for. */
export async function readApproval(
  client: DynamoDBClient,
  table: string,
  execution: string,
): Promise<StoredApproval | undefined> {
  const get = new GetItemCommand({ TableName: table, Key: approvalKey(execution), ConsistentRead: true });
  return stored((await client.send(get)).Item);
}

/** @returns false when there is one already */
export async function createApproval(client: DynamoDBClient, table: string, record: ApprovalRecord): Promise<boolean> {
  const put = new PutItemCommand({
    TableName: table,
    Item: {
      ...approvalKey(record.execution),
      ...{ said: { S: JSON.stringify(record) }, version: { N: '1' }, expires: expires() },
    },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  return conditional(() => client.send(put));
}

/**
 * Writes it down unless somebody else has changed it since it was read.
 * @returns what is stored now, with the token; undefined when somebody else was quicker
 */
export async function updateApproval(
  client: DynamoDBClient,
  table: string,
  { record, version }: StoredApproval,
): Promise<StoredApproval | undefined> {
  let after: StoredApproval | undefined;
  const update = new UpdateItemCommand({
    TableName: table,
    Key: approvalKey(record.execution),
    UpdateExpression: 'SET said = :said, version = :next',
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: {
      ':said': { S: JSON.stringify(record) },
      ':version': { N: String(version) },
      ':next': { N: String(version + 1) },
    },
    ReturnValues: 'ALL_NEW',
  });
  await conditional(async () => (after = stored((await client.send(update)).Attributes)));
  return after;
}

/** Keeps the token, and tells what is stored with it: a verdict may have come just before, which has woken nobody. */
export async function keepToken(
  client: DynamoDBClient,
  table: string,
  execution: string,
  token: string,
): Promise<StoredApproval | undefined> {
  const update = new UpdateItemCommand({
    TableName: table,
    Key: approvalKey(execution),
    UpdateExpression: 'SET #token = :token',
    ConditionExpression: 'attribute_exists(id)',
    ExpressionAttributeNames: { '#token': 'token' },
    ExpressionAttributeValues: { ':token': { S: token } },
    ReturnValues: 'ALL_NEW',
  });
  return stored((await client.send(update)).Attributes);
}

function stored(item: Record<string, AttributeValue> | undefined): StoredApproval | undefined {
  if (!item?.said?.S) return undefined;
  return {
    record: approvalRecord.parse(JSON.parse(item.said.S)),
    version: Number(item.version?.N),
    token: item.token?.S,
  };
}

/** Who asked for an execution; undefined when nobody has written it down. */
export async function readStart(
  client: DynamoDBClient,
  table: string,
  execution: string,
): Promise<StartRecord | undefined> {
  const get = new GetItemCommand({ TableName: table, Key: startKey(execution), ConsistentRead: true });
  const { Item: item } = await client.send(get);
  return item?.said?.S ? startRecord.parse(JSON.parse(item.said.S)) : undefined;
}

/** The first one stays: the same trigger delivered again has started nothing. */
export async function writeStart(client: DynamoDBClient, table: string, record: StartRecord): Promise<void> {
  const put = new PutItemCommand({
    TableName: table,
    Item: { ...startKey(record.execution), said: { S: JSON.stringify(record) }, expires: expires() },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  await conditional(() => client.send(put));
}
