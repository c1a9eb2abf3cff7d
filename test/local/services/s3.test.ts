import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AccessKeys } from '../../../local/aws/access-keys';
import type { Caller } from '../../../local/aws/aws-call';
import { Door } from '../../../local/aws/door';
import { HttpFront } from '../../../local/aws/http-front';
import { Clock } from '../../../local/clock';
import { Iam } from '../../../local/iam/iam';
import { S3Service } from '../../../local/services/s3/s3-service';

const KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/k';

let endpoint: string;
let front: HttpFront;
const iam = new Iam();
const accessKeys = new AccessKeys();
const clients: S3Client[] = [];

beforeAll(async () => {
  const clock = new Clock();
  const door = new Door(iam, { stateTransitions: 0, lambdaInvocations: 0, apiCalls: {} }, clock);
  const s3 = new S3Service(clock);
  s3.createBucket({ name: 'versioned', versioned: true, encryption: { algorithm: 'AES256' } });
  s3.createBucket({ name: 'plain', versioned: false, encryption: { algorithm: 'AES256' } });
  s3.createBucket({ name: 'keyed', versioned: true, encryption: { algorithm: 'aws:kms', keyArn: KEY_ARN } });
  door.register(s3);
  front = new HttpFront(door, accessKeys);
  endpoint = await front.listen();
});
afterAll(async () => {
  clients.forEach((client) => client.destroy());
  await front.stop();
});

/** A client with the rights of the account's owner, or of a role with these statements. */
function client(statements?: object[], more: S3ClientConfig = {}): S3Client {
  const credentials = statements
    ? accessKeys.issue(roleWith(statements))
    : { accessKeyId: 'owner', secretAccessKey: 's' };
  const made = new S3Client({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1, ...more });
  clients.push(made);
  return made;
}

let roles = 0;
function roleWith(statements: object[]): Caller {
  const trust = {
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const principal = iam.createRole(`role-${(roles += 1)}`, '/', trust);
  iam.attach(principal, { Statement: statements }, 'policy');
  return { principal, session: 'test' };
}
const allow = (action: string, resource: string) => ({ Effect: 'Allow', Action: action, Resource: resource });

/** Sends a request as any HTTP client would: status and body of the answer. */
function send(url: string, method: string, body = '', headers: Record<string, string> = {}): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve([answer.statusCode!, text]));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('objects', () => {
  test('are kept with type and metadata, under keys of any characters', async () => {
    const at = { Bucket: 'plain', Key: 'a folder/ü+&.txt' };
    const put = await client().send(
      new PutObjectCommand({ ...at, Body: 'text', ContentType: 'text/plain', Metadata: { node: 'cp-1' } }),
    );
    expect(put).toMatchObject({
      ETag: `"${createHash('md5').update('text').digest('hex')}"`,
      ServerSideEncryption: 'AES256',
    });

    const { Body, ...got } = await client().send(new GetObjectCommand(at));
    expect(await Body!.transformToString()).toBe('text');
    expect(got).toMatchObject({ ContentLength: 4, ContentType: 'text/plain', Metadata: { node: 'cp-1' } });
    expect(got.LastModified).toBeInstanceOf(Date);

    const head = await client().send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ContentLength: 4, ETag: put.ETag, ChecksumCRC32: put.ChecksumCRC32 });
    expect(head.VersionId).toBeUndefined();
  });

  test('of a versioned bucket stay behind new ones and behind a delete marker', async () => {
    const at = { Bucket: 'versioned', Key: 'key' };
    const read = async (VersionId?: string) =>
      (await client().send(new GetObjectCommand({ ...at, VersionId }))).Body!.transformToString();
    const first = await client().send(new PutObjectCommand({ ...at, Body: 'first' }));
    const second = await client().send(new PutObjectCommand({ ...at, Body: 'second' }));
    expect(second.VersionId).not.toBe(first.VersionId);
    expect([await read(), await read(first.VersionId)]).toEqual(['second', 'first']);

    const deleted = await client().send(new DeleteObjectCommand(at));
    expect(deleted.DeleteMarker).toBe(true);
    await expect(read()).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read(second.VersionId)).toBe('second');

    await client().send(new DeleteObjectCommand({ ...at, VersionId: deleted.VersionId }));
    expect(await read()).toBe('second');
    await client().send(new DeleteObjectCommand({ ...at, VersionId: second.VersionId }));
    expect(await read()).toBe('first');
    await expect(read(second.VersionId)).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  test('are listed by prefix, page by page', async () => {
    for (const Key of ['list/b', 'list/a', 'list/c', 'other'])
      await client().send(new PutObjectCommand({ Bucket: 'plain', Key, Body: Key }));
    const list = (token?: string) =>
      client().send(
        new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'list/', MaxKeys: 2, ContinuationToken: token }),
      );
    const page = await list();
    expect([page.Contents?.map(({ Key, Size }) => [Key, Size]), page.IsTruncated]).toEqual([
      [
        ['list/a', 6],
        ['list/b', 6],
      ],
      true,
    ]);
    const last = await list(page.NextContinuationToken);
    expect([last.Contents?.map(({ Key }) => Key), last.IsTruncated]).toEqual([['list/c'], false]);
  });

  test('are found under the name of their bucket as a host, too', async () => {
    await client().send(new PutObjectCommand({ Bucket: 'plain', Key: 'by/host', Body: 'text' }));
    const url = await getSignedUrl(
      client(undefined, { endpoint: endpoint.replace('127.0.0.1', 'localhost') }),
      new GetObjectCommand({ Bucket: 'plain', Key: 'by/host' }),
    );
    expect(new URL(url).hostname).toBe('plain.localhost');
    const { host, pathname, search } = new URL(url);
    expect(await send(`${endpoint}${pathname}${search}`, 'GET', '', { host })).toEqual([200, 'text']);
  });

  test.each<[string, (sent: S3Client) => Promise<unknown>, string, RegExp]>([
    [
      'a bucket that is not there',
      (sent) => sent.send(new HeadObjectCommand({ Bucket: 'none', Key: 'k' })),
      'NotFound',
      /./,
    ],
    [
      'a bucket that is not there',
      (sent) => sent.send(new GetObjectCommand({ Bucket: 'none', Key: 'k' })),
      'NoSuchBucket',
      /none/,
    ],
    [
      'a key that is not there',
      (sent) => sent.send(new GetObjectCommand({ Bucket: 'plain', Key: 'none' })),
      'NoSuchKey',
      /./,
    ],
    [
      'a member that has no effect here',
      (sent) => sent.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'x', StorageClass: 'GLACIER' })),
      'NotImplemented',
      /does not know StorageClass of s3:PutObject/,
    ],
    [
      'an action that is not there',
      (sent) => sent.send(new CopyObjectCommand({ Bucket: 'plain', Key: 'k', CopySource: 'plain/other' })),
      'UnknownOperationException',
      /does not support s3:CopyObject/,
    ],
    [
      'an action without a bucket',
      (sent) => sent.send(new ListBucketsCommand({})),
      'UnknownOperationException',
      /s3:ListBuckets/,
    ],
    [
      'a checksum of other bytes',
      (sent) => sent.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body: 'x', ChecksumSHA256: 'bm8=' })),
      'BadDigest',
      /SHA256/,
    ],
  ])('%s is refused by name', async (_what, call, name, message) => {
    await expect(call(client())).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

describe('a presigned URL', () => {
  const at = { Bucket: 'versioned', Key: 'presigned/object' };
  const mayPut = () =>
    client([allow('s3:PutObject', 'arn:aws:s3:::versioned/presigned/*')], {
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  const toPut = (sent = mayPut(), options: Parameters<typeof getSignedUrl>[2] = {}) =>
    getSignedUrl(sent, new PutObjectCommand(at), { expiresIn: 900, ...options });

  test('takes an upload, and gives it back', async () => {
    expect(await send(await toPut(), 'PUT', 'bytes')).toEqual([200, '']);
    const get = await getSignedUrl(
      client([allow('s3:GetObject', 'arn:aws:s3:::versioned/*')]),
      new GetObjectCommand(at),
    );
    expect(await send(get, 'GET')).toEqual([200, 'bytes']);
  });

  test.each<[string, () => Promise<[number, string]>, number, RegExp]>([
    [
      'has expired',
      async () => send(await toPut(mayPut(), { signingDate: new Date(Date.now() - 901_000) }), 'PUT', 'x'),
      403,
      /AccessDenied.*Request has expired/s,
    ],
    ['is used for another method', async () => send(await toPut(), 'GET'), 403, /SignatureDoesNotMatch/],
    [
      'is used for another key',
      async () => send((await toPut()).replace('presigned/object', 'presigned/other'), 'PUT', 'x'),
      403,
      /SignatureDoesNotMatch/,
    ],
    [
      'was made to live longer',
      async () => send((await toPut()).replace('Expires=900', 'Expires=9000'), 'PUT', 'x'),
      403,
      /SignatureDoesNotMatch/,
    ],
    [
      'comes with headers for S3 that are not signed',
      async () => send(await toPut(), 'PUT', 'x', { 'x-amz-meta-node': 'cp-1' }),
      403,
      /not signed: x-amz-meta-node/,
    ],
    [
      'was signed with the checksum of an empty body, as the SDK does by default',
      async () => send(await toPut(client([allow('s3:PutObject', '*')])), 'PUT', 'bytes'),
      400,
      /BadDigest/,
    ],
    [
      'was made by a role that may not',
      async () => send(await toPut(client([])), 'PUT', 'x'),
      403,
      /AccessDenied.*s3:PutObject/s,
    ],
    [
      'takes more than 5 GiB',
      async () => send(await toPut(), 'PUT', '', { 'content-length': String(5 * 1024 ** 3 + 1) }),
      400,
      /EntityTooLarge.*5 GiB/s,
    ],
  ])('is refused when it %s', async (_when, ask, status, answer) => {
    expect(await ask()).toEqual([status, expect.stringMatching(answer)]);
  });
});

describe('rights', () => {
  test('tell a role that may not list nothing of what there is', async () => {
    const reads = client([allow('s3:GetObject', 'arn:aws:s3:::plain/*')]);
    await expect(reads.send(new GetObjectCommand({ Bucket: 'plain', Key: 'none' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const lists = client([allow('s3:GetObject', 'arn:aws:s3:::plain/*'), allow('s3:ListBucket', 'arn:aws:s3:::plain')]);
    await expect(lists.send(new GetObjectCommand({ Bucket: 'plain', Key: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  test('to a key of KMS are needed to write and to read, not to look', async () => {
    const at = { Bucket: 'keyed', Key: 'k' };
    const objects = [allow('s3:PutObject', 'arn:aws:s3:::keyed/*'), allow('s3:GetObject', 'arn:aws:s3:::keyed/*')];
    const put = (sent: S3Client) => sent.send(new PutObjectCommand({ ...at, Body: 'x' }));
    await expect(put(client(objects))).rejects.toThrow(/kms:GenerateDataKey/);
    const stored = await put(client([...objects, allow('kms:GenerateDataKey', KEY_ARN)]));
    expect(stored).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN });
    await client(objects).send(new HeadObjectCommand(at));
    await expect(client(objects).send(new GetObjectCommand(at))).rejects.toThrow(/kms:Decrypt/);
    await client([...objects, allow('kms:Decrypt', KEY_ARN)]).send(new GetObjectCommand(at));
  });

  test("are those of the bucket's policy as well", async () => {
    const statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:DeleteObject*',
      Resource: 'arn:aws:s3:::plain/kept/*',
    };
    iam.addResourcePolicy('arn:aws:s3:::plain', { Statement: [statement] }, 'The policy of bucket plain');
    const all = client([allow('s3:*', '*')]);
    await expect(all.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'kept/k' }))).rejects.toThrow(
      /explicit deny/,
    );
    await all.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'other/k' }));
  });
});
