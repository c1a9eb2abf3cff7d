import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stopRequestKey, type StopRequest } from '../contracts/stop-request';

/** Asks an execution to end after the node at which it is. Replaces the request that there may be. */
export async function writeStopRequest(client: DynamoDBClient, table: string, request: StopRequest): Promise<void> {
  const item = { cluster: { S: stopRequestKey(request.cluster) }, holder: { S: request.holder } };
  await client.send(new PutItemCommand({ TableName: table, Item: item }));
}
