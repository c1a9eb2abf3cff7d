import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { chatMessage, type ChatMessage, type NodeState } from '../contracts/chat/message';
import { conditional } from './lock-table';

/** Longer than an operation lives. */
const MESSAGE_SECONDS = 30 * 24 * 3600;
/** Nodes of one message: the item has to stay small. */
const MOST_NODES = 500;

/** What a message's thread is told, once each, with the attribute that notes it. */
const TOLD = { end: 'told', report: 'reportTold' } as const;
export type Telling = keyof typeof TOLD;

export const DELIVERIES = 'delivery/';
export const MESSAGES = 'message/';

/** @returns false when it was remembered before */
export function rememberDelivery(client: DynamoDBClient, table: string, id: string, until: number): Promise<boolean> {
  const put = new PutItemCommand({
    TableName: table,
    Item: { id: { S: `${DELIVERIES}${id}` }, expires: { N: String(until) } },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  return conditional(() => client.send(put));
}

/** @returns false when there is one for the operation already */
export function putMessage(client: DynamoDBClient, table: string, message: ChatMessage): Promise<boolean> {
  const { id, nodes, nextAt, ...rest } = message;
  const put = new PutItemCommand({
    TableName: table,
    Item: {
      id: { S: `${MESSAGES}${id}` },
      expires: { N: String(Math.floor(Date.now() / 1000) + MESSAGE_SECONDS) },
      state: { S: rest.state },
      rest: { S: JSON.stringify(rest) },
      nextAt: { N: String(nextAt) },
      nodes: { M: Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, nodeItem(node)])) },
    },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  return conditional(() => client.send(put));
}

export async function readMessage(client: DynamoDBClient, table: string, id: string): Promise<ChatMessage | undefined> {
  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: table, Key: key(id), ConsistentRead: true }),
  );
  return item && fromItem(id, item);
}

/** Moves a message on, if it is still in one of these states. @returns undefined when it is not */
export function moveOn(
  client: DynamoDBClient,
  table: string,
  id: string,
  { from, to, by }: { from: ChatMessage['state'][]; to: ChatMessage['state']; by?: string },
): Promise<ChatMessage | undefined> {
  const names = from.map((_, index) => `:from${index}`);
  return update(client, id, {
    TableName: table,
    UpdateExpression: `SET #state = :to${by === undefined ? '' : ', moved = :by'}`,
    ConditionExpression: `#state IN (${names.join(', ')})`,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ':to': { S: to },
      ...(by !== undefined && { ':by': { S: by } }),
      ...Object.fromEntries(names.map((name, index) => [name, { S: from[index]! }])),
    },
  });
}

/** What a node does now. @returns undefined for an operation without a message, and for what is older than what is known */
export function noteNode(
  client: DynamoDBClient,
  table: string,
  id: string,
  node: string,
  state: NodeState,
): Promise<ChatMessage | undefined> {
  return update(client, id, {
    TableName: table,
    UpdateExpression: 'SET nodes.#node = :node',
    ConditionExpression:
      'attribute_exists(id) AND (nodes.#node.#at <= :at OR (attribute_not_exists(nodes.#node) AND size(nodes) < :most))',
    ExpressionAttributeNames: { '#node': node, '#at': 'at' },
    ExpressionAttributeValues: {
      ':node': nodeItem(state),
      ':at': { S: state.at },
      ':most': { N: String(MOST_NODES) },
    },
  });
}

/** The plan for whose approval it waits. @returns undefined for an operation without a message, and for one that has ended */
export function noteApproval(
  client: DynamoDBClient,
  table: string,
  id: string,
  digest: string,
): Promise<ChatMessage | undefined> {
  return update(client, id, {
    TableName: table,
    UpdateExpression: 'SET digest = :digest',
    ConditionExpression: '#state = :running',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':digest': { S: digest }, ':running': { S: 'running' } },
  });
}

/** Reserves the time of the next edit. @returns false when somebody else has */
export async function reserve(
  client: DynamoDBClient,
  table: string,
  { id, nextAt }: ChatMessage,
  next: number,
): Promise<boolean> {
  const reserved = await update(client, id, {
    TableName: table,
    UpdateExpression: 'SET nextAt = :next',
    ConditionExpression: 'nextAt = :read',
    ExpressionAttributeValues: { ':next': { N: String(next) }, ':read': { N: String(nextAt) } },
  });
  return reserved !== undefined;
}

/**
 * Whoever gets this tells it in the thread, and nobody else.
 * @returns false when somebody else has it
 */
export async function claimTelling(client: DynamoDBClient, table: string, id: string, what: Telling): Promise<boolean> {
  const claimed = await update(client, id, {
    TableName: table,
    UpdateExpression: `SET ${TOLD[what]} = :true`,
    ConditionExpression: `attribute_exists(id) AND attribute_not_exists(${TOLD[what]})`,
    ExpressionAttributeValues: { ':true': { BOOL: true } },
  });
  return claimed !== undefined;
}

/** It could not be told: the next one may. */
export async function giveTellingBack(client: DynamoDBClient, table: string, id: string, what: Telling): Promise<void> {
  await update(client, id, {
    TableName: table,
    UpdateExpression: `REMOVE ${TOLD[what]}`,
    ConditionExpression: 'attribute_exists(id)',
  });
}

async function update(
  client: DynamoDBClient,
  id: string,
  input: Omit<UpdateItemCommandInput, 'Key'>,
): Promise<ChatMessage | undefined> {
  try {
    const { Attributes: item = {} } = await client.send(
      new UpdateItemCommand({ ...input, Key: key(id), ReturnValues: 'ALL_NEW' } as UpdateItemCommandInput),
    );
    return fromItem(id, item);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

const key = (id: string) => ({ id: { S: `${MESSAGES}${id}` } });

const nodeItem = ({ at, ...rest }: NodeState): AttributeValue => ({
  M: { at: { S: at }, rest: { S: JSON.stringify(rest) } },
});

function fromItem(id: string, item: Record<string, AttributeValue>): ChatMessage {
  const nodes = Object.entries(item.nodes?.M ?? {}).map(([name, { M: node = {} }]) => [
    name,
    { ...(JSON.parse(node.rest?.S ?? '{}') as object), at: node.at?.S },
  ]);
  return chatMessage.parse({
    ...(JSON.parse(item.rest?.S ?? '{}') as object),
    id,
    state: item.state?.S,
    nextAt: Number(item.nextAt?.N ?? 0),
    nodes: Object.fromEntries(nodes) as unknown,
    ...(item.moved?.S !== undefined && { by: item.moved.S }),
    ...(item.digest?.S !== undefined && { digest: item.digest.S }),
    ...(item[TOLD.end]?.BOOL && { endTold: true }),
  });
}
