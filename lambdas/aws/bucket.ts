import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/**
 * For URLs that others upload with: by default the SDK signs the checksum of an empty body into them, and S3 refuses every other
 * (aws-sdk-js-v3#6994).
 */
export const presigner = () => new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });

/** A URL with which anybody can upload this one object, as the role of this function, until it expires. */
export const uploadUrl = (client: S3Client, at: { Bucket: string; Key: string }, seconds: number): Promise<string> =>
  getSignedUrl(client, new PutObjectCommand(at), { expiresIn: seconds });

/** Another version of the object where it is there already. */
export async function putText(
  client: S3Client,
  at: { Bucket: string; Key: string },
  text: string,
  type: 'application/json' | 'text/html',
): Promise<void> {
  await client.send(new PutObjectCommand({ ...at, Body: text, ContentType: `${type}; charset=utf-8` }));
}

/** An object's text; undefined where there is none, or it has more bytes than that. */
export async function getText(
  client: S3Client,
  at: { Bucket: string; Key: string },
  mostBytes: number,
): Promise<string | undefined> {
  try {
    const { Body: body, ContentLength: bytes = 0 } = await client.send(new GetObjectCommand(at));
    if (bytes <= mostBytes) return await body?.transformToString();
    (body as Readable).destroy();
    return undefined;
  } catch (error) {
    // Who may not list is told that a missing object may not be read.
    if (error instanceof NoSuchKey || (error instanceof S3ServiceException && error.name.startsWith('AccessDenied')))
      return undefined;
    throw error;
  }
}

export interface StoredObject {
  versionId: string;
  bytes: number;
  /** Hexadecimal, of what was read. */
  sha256: string;
}

/** Reads an object to its end; nothing of it is kept. @throws NoSuchKey */
export async function readBack(client: S3Client, at: { Bucket: string; Key: string }): Promise<StoredObject> {
  const { Body: body, VersionId: versionId = '' } = await client.send(new GetObjectCommand(at));
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of body as Readable) {
    hash.update(part as Buffer);
    bytes += (part as Buffer).length;
  }
  return { versionId, bytes, sha256: hash.digest('hex') };
}
