import type { AwsAction, AwsOutput, AwsService, Permission } from '../../aws/aws-call';
import { AwsError, REGION } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { BucketSettings, ObjectVersion } from './bucket';
import { Bucket, byBytes } from './bucket';
import { readChecksums } from './checksums';

type Input = Record<string, unknown>;

/** S3's longest key: "Naming Amazon S3 objects". */
const MOST_KEY_BYTES = 1024;
/** What each action takes beside Bucket and Key. A member outside is refused: what it asks for would not be done. */
const TAKES = {
  PutObject: [
    'Body',
    'ContentLength',
    'ContentType',
    'ContentMD5',
    'Metadata',
    'ChecksumAlgorithm',
    'ChecksumCRC32',
    'ChecksumSHA256',
  ],
  GetObject: ['VersionId', 'ChecksumMode'],
  HeadObject: ['VersionId', 'ChecksumMode'],
  DeleteObject: ['VersionId'],
  ListObjectsV2: ['Prefix', 'MaxKeys', 'ContinuationToken', 'StartAfter', 'Delimiter', 'EncodingType'],
};
type ActionName = keyof typeof TAKES;

/** Buckets of the account, with what the app does with them. */
export class S3Service implements AwsService {
  readonly name = 's3';
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly clock: Clock) {}

  readonly actions: Record<string, AwsAction> = {
    PutObject: this.action('PutObject', {
      permissions: (bucket, input) => [
        onObject('s3:PutObject', bucket, input),
        ...withKey(bucket, 'kms:GenerateDataKey'),
      ],
      run: (bucket, input) => putObject(bucket, input),
    }),
    GetObject: this.action('GetObject', {
      permissions: readPermissions,
      run: (bucket, input) => {
        const found = bucket.find(keyOf(input), versionOf(input));
        return { ...describe(bucket, found, input), Body: found.body };
      },
    }),
    HeadObject: this.action('HeadObject', {
      // It gives no content, so it takes no key of KMS.
      permissions: (bucket, input) => readPermissions(bucket, input).filter(({ action }) => !action.startsWith('kms:')),
      run: (bucket, input) => describe(bucket, bucket.find(keyOf(input), versionOf(input)), input),
    }),
    DeleteObject: this.action('DeleteObject', {
      permissions: (bucket, input) => [
        onObject(versionOf(input) === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion', bucket, input),
      ],
      run: (bucket, input) => {
        const { versionId, deleteMarker } = bucket.delete(keyOf(input), versionOf(input));
        return {
          ...(versionId !== undefined && { VersionId: versionId }),
          ...(deleteMarker && { DeleteMarker: true }),
        };
      },
    }),
    ListObjectsV2: this.action('ListObjectsV2', {
      permissions: (bucket, { Prefix: prefix = '' }) => [
        { action: 's3:ListBucket', resource: bucket.arn, conditionKeys: { 's3:prefix': String(prefix) } },
      ],
      run: (bucket, input) => listObjects(bucket, input),
    }),
  };

  /** What AWS::S3::Bucket does; no request does it. @throws AwsError BucketAlreadyOwnedByYou, InvalidBucketName */
  createBucket(settings: BucketSettings): Bucket {
    const { name } = settings;
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
      throw new AwsError('InvalidBucketName', `The specified bucket is not valid: ${name}`);
    if (this.buckets.has(name))
      throw new AwsError('BucketAlreadyOwnedByYou', `There is already a bucket ${name}.`, 409);
    const bucket = new Bucket(settings, this.clock);
    this.buckets.set(name, bucket);
    return bucket;
  }

  private action(
    name: ActionName,
    {
      permissions,
      run,
    }: {
      permissions(bucket: Bucket, input: Input): Permission[];
      run(bucket: Bucket, input: Input): AwsOutput;
    },
  ): AwsAction {
    return {
      // Whether a bucket exists is told before anything else, to anybody.
      permissions: (input) => permissions(this.find(input), input),
      run: async (input) => {
        refuseUnknown(name, input);
        return run(this.find(input), input);
      },
    };
  }

  private find({ Bucket: name }: Input): Bucket {
    const bucket = this.buckets.get(String(name));
    if (!bucket)
      throw new AwsError('NoSuchBucket', `The specified bucket does not exist: ${String(name)} in ${REGION}`, 404);
    return bucket;
  }
}

function refuseUnknown(action: ActionName, input: Input): void {
  const unknown = Object.keys(input).filter((name) => !['Bucket', 'Key', ...TAKES[action]].includes(name));
  if (unknown.length)
    throw new AwsError(
      'NotImplemented',
      `The local AWS does not know ${unknown.join(', ')} of s3:${action}; it knows ${TAKES[action].join(', ')}.`,
      501,
    );
}

function readPermissions(bucket: Bucket, input: Input): Permission[] {
  const version = versionOf(input);
  return [
    onObject(version === undefined ? 's3:GetObject' : 's3:GetObjectVersion', bucket, input),
    // Who may not list is not told that there is no such object.
    ...(version === undefined && !bucket.current(keyOf(input))
      ? [{ action: 's3:ListBucket', resource: bucket.arn }]
      : withKey(bucket, 'kms:Decrypt')),
  ];
}

const keyOf = (input: Input) => String(input['Key']);
const versionOf = (input: Input) => input['VersionId'] as string | undefined;
const onObject = (action: string, bucket: Bucket, input: Input): Permission => ({
  action,
  resource: `${bucket.arn}/${keyOf(input)}`,
});

function withKey({ settings: { encryption } }: Bucket, action: string): Permission[] {
  return encryption.algorithm === 'aws:kms' ? [{ action, resource: encryption.keyArn }] : [];
}

function putObject(bucket: Bucket, input: Input): AwsOutput {
  const key = keyOf(input);
  if (Buffer.byteLength(key) > MOST_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long');
  const body = Buffer.from((input['Body'] ?? '') as Uint8Array);
  const put = bucket.put(key, {
    body,
    contentType: String(input['ContentType'] ?? 'binary/octet-stream'),
    metadata: (input['Metadata'] ?? {}) as Record<string, string>,
    checksums: readChecksums(body, input),
  });
  return { ETag: put.etag, ...put.checksums, ...ofVersion(bucket, put) };
}

function describe(bucket: Bucket, version: ObjectVersion & { body: Buffer }, input: Input): AwsOutput {
  return {
    ...ofVersion(bucket, version),
    AcceptRanges: 'bytes',
    ContentLength: version.body.length,
    ContentType: version.contentType,
    ETag: version.etag,
    LastModified: version.modified,
    Metadata: version.metadata,
    ...(input['ChecksumMode'] === 'ENABLED' && version.checksums),
  };
}

const ofVersion = ({ settings: { encryption } }: Bucket, { versionId }: ObjectVersion) => ({
  ServerSideEncryption: encryption.algorithm,
  ...(encryption.algorithm === 'aws:kms' && { SSEKMSKeyId: encryption.keyArn }),
  ...(versionId !== undefined && { VersionId: versionId }),
});

/** A continuation token is the last key of the page before. */
function listObjects(bucket: Bucket, input: Input): AwsOutput {
  if (input['Delimiter'] !== undefined)
    throw new AwsError('NotImplemented', 'The local AWS lists without Delimiter: all keys below the prefix.', 501);
  const { Prefix: prefix = '', ContinuationToken: token, StartAfter: start = '', MaxKeys: most = 1000 } = input;
  const after = token === undefined ? String(start) : Buffer.from(String(token), 'base64url').toString();
  const keys = bucket.keys(String(prefix)).filter((key) => byBytes(key, after) > 0);
  const page = keys.slice(0, Math.min(Number(most), 1000));
  const isTruncated = page.length < keys.length;
  // The AWS CLI asks for keys in the encoding of a URL, and undoes it.
  const written = (text: string) => (input['EncodingType'] === 'url' ? encodeURIComponent(text) : text);
  return {
    Name: bucket.settings.name,
    Prefix: written(String(prefix)),
    ...(input['EncodingType'] !== undefined && { EncodingType: input['EncodingType'] }),
    MaxKeys: Number(most),
    KeyCount: page.length,
    IsTruncated: isTruncated,
    ...(isTruncated && { NextContinuationToken: Buffer.from(page.at(-1)!).toString('base64url') }),
    Contents: page.map((key) => {
      const { body, etag, modified } = bucket.find(key);
      return { Key: written(key), LastModified: modified, ETag: etag, Size: body.length, StorageClass: 'STANDARD' };
    }),
  };
}
