import { createHash, randomBytes } from 'node:crypto';
import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';

/** As AWS::S3::Bucket describes it. */
export interface BucketSettings {
  name: string;
  versioned: boolean;
  /** AES256, or aws:kms with the ARN of its key. */
  encryption: { algorithm: 'AES256' } | { algorithm: 'aws:kms'; keyArn: string };
}

/** One version of an object; without `body` it is a delete marker. */
export interface ObjectVersion {
  /** Absent in a bucket that is not versioned. */
  versionId?: string;
  modified: Date;
  body?: Buffer;
  etag: string;
  contentType: string;
  metadata: Record<string, string>;
  checksums: Record<string, string>;
}

/** A bucket and the versions of its objects, oldest first. */
export class Bucket {
  private readonly objects = new Map<string, ObjectVersion[]>();

  constructor(
    readonly settings: BucketSettings,
    private readonly clock: Clock,
  ) {}

  get arn(): string {
    return `arn:aws:s3:::${this.settings.name}`;
  }

  put(
    key: string,
    content: Pick<ObjectVersion, 'contentType' | 'metadata' | 'checksums'> & { body: Buffer },
  ): ObjectVersion {
    return this.add(key, { ...content, etag: `"${createHash('md5').update(content.body).digest('hex')}"` });
  }

  /** A versioned bucket keeps the object behind a delete marker, and gives up a version only where that is named. */
  delete(key: string, versionId?: string): Pick<ObjectVersion, 'versionId'> & { deleteMarker?: boolean } {
    if (versionId !== undefined) {
      const versions = this.objects.get(key) ?? [];
      const gone = versions.find((version) => version.versionId === versionId);
      this.objects.set(
        key,
        versions.filter((version) => version !== gone),
      );
      return { versionId, ...(gone && gone.body === undefined && { deleteMarker: true }) };
    }
    if (!this.settings.versioned) {
      this.objects.delete(key);
      return {};
    }
    const { versionId: marker } = this.add(key, { etag: '', contentType: '', metadata: {}, checksums: {} });
    return { ...(marker !== undefined && { versionId: marker }), deleteMarker: true };
  }

  /** Undefined where there is none, or a delete marker. */
  current(key: string): ObjectVersion | undefined {
    const newest = this.objects.get(key)?.at(-1);
    return newest?.body === undefined ? undefined : newest;
  }

  /** @throws AwsError NoSuchKey, NoSuchVersion */
  find(key: string, versionId?: string): ObjectVersion & { body: Buffer } {
    const found =
      versionId === undefined
        ? this.current(key)
        : this.objects.get(key)?.find((version) => version.versionId === versionId);
    if (found?.body !== undefined) return { ...found, body: found.body };
    if (versionId !== undefined) throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  }

  /** Keys with an object in order of their bytes, as S3 lists them. */
  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix) && this.current(key)).sort(byBytes);
  }

  private add(key: string, content: Omit<ObjectVersion, 'versionId' | 'modified'>): ObjectVersion {
    const { versioned } = this.settings;
    const added = {
      ...content,
      ...(versioned && { versionId: randomBytes(24).toString('base64url') }),
      modified: this.clock.now(),
    };
    this.objects.set(key, versioned ? [...(this.objects.get(key) ?? []), added] : [added]);
    return added;
  }
}

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
