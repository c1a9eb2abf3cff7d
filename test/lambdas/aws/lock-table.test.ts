import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { readLock, releaseLock, takeLock } from '../../../lambdas/aws/lock-table';

let server: Server;
let client: DynamoDBClient;
beforeAll(async () => {
  server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }) as unknown as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: 'locks',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'cluster', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'cluster', AttributeType: 'S' }],
    }),
  );
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const lock = (holder: string, cluster = 'demo') => ({
  cluster,
  holder,
  operation: 'renew-certificates',
  since: '2026-11-23T03:00:00Z',
});

test('one holder at a time: free, taken, refused, taken over, given back', async () => {
  expect(await readLock(client, 'locks', 'demo')).toBeUndefined();
  expect(await takeLock(client, 'locks', lock('one'), undefined)).toBe(true);
  expect(await readLock(client, 'locks', 'demo')).toEqual(lock('one'));
  expect(await takeLock(client, 'locks', lock('two'), undefined)).toBe(false);
  expect(await takeLock(client, 'locks', lock('two'), 'somebody')).toBe(false);
  expect(await takeLock(client, 'locks', lock('two'), 'one')).toBe(true);
  expect(await releaseLock(client, 'locks', 'demo', 'one')).toBe(false);
  expect(await readLock(client, 'locks', 'demo')).toEqual(lock('two'));
  expect(await releaseLock(client, 'locks', 'demo', 'two')).toBe(true);
  expect(await releaseLock(client, 'locks', 'demo', 'two')).toBe(false);
  expect(await readLock(client, 'locks', 'demo')).toBeUndefined();
});

test('of many that want it at once, one gets it', async () => {
  const got = await Promise.all(
    Array.from({ length: 10 }, (_, index) => takeLock(client, 'locks', lock(`${index}`, 'busy'), undefined)),
  );
  expect(got.filter(Boolean)).toHaveLength(1);
});

test('clusters do not hinder each other', async () => {
  expect(await takeLock(client, 'locks', lock('one', 'a'), undefined)).toBe(true);
  expect(await takeLock(client, 'locks', lock('two', 'b'), undefined)).toBe(true);
});
