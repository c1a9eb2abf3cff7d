import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { apiModel } from '../../aws/api-model';
import type { AwsAction, AwsOutput, AwsService, Permission } from '../../aws/aws-call';
import { ACCOUNT, AwsError, REGION } from '../../aws/aws-call';
import { JSON_FORMS } from '../../aws/protocols/json';
import { readShape, writeShape } from '../../aws/shapes';

/** What dynalite has and the app or its users need; the batch actions name their tables elsewhere. */
const TABLE_ACTIONS = [
  'CreateTable',
  'DeleteTable',
  'DescribeTable',
  'DeleteItem',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];
const BATCH_ACTIONS = ['BatchGetItem', 'BatchWriteItem'];

export const tableArn = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;

/** DynamoDB: the dynalite package, on a port of its own behind the one endpoint. Tables are there at once. */
export class DynamoDbService implements AwsService {
  readonly name = 'dynamodb';
  readonly actions: Record<string, AwsAction>;
  private server: Server | undefined;
  /** Name of each table's partition key. */
  private readonly partitionKeys = new Map<string, string>();

  constructor() {
    const forward = (action: string) => (input: Record<string, unknown>) => this.forward(action, input);
    this.actions = {
      ListTables: { run: forward('ListTables') },
      ...Object.fromEntries(
        TABLE_ACTIONS.map((action) => [action, { permissions: this.onTable(action), run: forward(action) }]),
      ),
      ...Object.fromEntries(
        BATCH_ACTIONS.map((action) => [action, { permissions: onTables(action), run: forward(action) }]),
      ),
    };
  }

  async start(): Promise<void> {
    const server = inRegion(() => dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
    // By default it closes a connection after 5 s, which on a busy machine is the moment in which the next request is on its way.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private notePartitionKey({ TableName: table, KeySchema: schema }: Record<string, unknown>): void {
    const keys = schema as { AttributeName: string; KeyType: string }[];
    const partition = keys.find(({ KeyType }) => KeyType === 'HASH');
    if (partition) this.partitionKeys.set(arnOf(table), partition.AttributeName);
  }

  private onTable(action: string): AwsAction['permissions'] {
    return ({ TableName: table, IndexName: index, Key: key, Item: item }): Permission[] => {
      const arn = arnOf(table);
      const leading = partitionKeyOf(key ?? item, this.partitionKeys.get(arn));
      return [
        {
          action: `dynamodb:${action}`,
          resource: index === undefined ? arn : `${arn}/index/${String(index)}`,
          ...(leading !== undefined && { conditionKeys: { 'dynamodb:LeadingKeys': leading } }),
        },
      ];
    };
  }

  private async forward(action: string, input: Record<string, unknown>): Promise<AwsOutput> {
    if (!this.server) throw new AwsError('InternalServerError', 'DynamoDB is not running.', 500);
    const operation = (await apiModel('dynamodb')).operations.get(action)!;
    const response = await fetch(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${action}`,
        'x-amz-date': new Date().toISOString(),
        // dynalite wants a signature to be there and does not look at it.
        authorization: `AWS4-HMAC-SHA256 Credential=local/20000101/${REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: JSON.stringify(writeShape(operation.input, input, JSON_FORMS) ?? {}),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw readError(answer, response.status);
    if (action === 'CreateTable') this.notePartitionKey(input);
    return (readShape(operation.output, answer, { ...JSON_FORMS, dropsUnknownMembers: true }) ?? {}) as AwsOutput;
  }
}

function readError(answer: Record<string, unknown>, status: number): AwsError {
  const code = String(answer['__type']).split('#').at(-1)!;
  return new AwsError(code, String(answer['message'] ?? answer['Message'] ?? code), status);
}

/** dynalite takes account and region of its ARNs from the process's environment at the moment it is created. */
function inRegion<T>(create: () => T): T {
  const before = { AWS_REGION: process.env['AWS_REGION'], AWS_ACCOUNT_ID: process.env['AWS_ACCOUNT_ID'] };
  Object.assign(process.env, { AWS_REGION: REGION, AWS_ACCOUNT_ID: ACCOUNT });
  try {
    return create();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Text of the partition key in an item or its key. */
function partitionKeyOf(item: unknown, name: string | undefined): string | undefined {
  const value =
    name === undefined ? undefined : (item as Record<string, { S?: string; N?: string }> | undefined)?.[name];
  return value?.S ?? value?.N;
}

function onTables(action: string): AwsAction['permissions'] {
  return ({ RequestItems: items }) =>
    Object.keys((items ?? {}) as object).map((table) => ({ action: `dynamodb:${action}`, resource: arnOf(table) }));
}

const arnOf = (table: unknown) => (String(table).startsWith('arn:') ? String(table) : tableArn(String(table)));
