import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../aws/aws-call';

const digest = (algorithm: string, body: Buffer) => createHash(algorithm).update(body).digest('base64');

const CHECKSUMS: Record<string, (body: Buffer) => string> = {
  ChecksumCRC32: (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes.toString('base64');
  },
  ChecksumSHA256: (body) => digest('sha256', body),
};

/**
 * The checksums that an upload came with, to keep them with the object.
 * @throws AwsError BadDigest where one of them, or Content-MD5, is not that of the body
 */
export function readChecksums(body: Buffer, input: Record<string, unknown>): Record<string, string> {
  if (input['ContentMD5'] !== undefined && input['ContentMD5'] !== digest('md5', body))
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  const given = Object.entries(CHECKSUMS).filter(([name]) => input[name] !== undefined);
  for (const [name, compute] of given)
    if (input[name] !== compute(body))
      throw new AwsError(
        'BadDigest',
        `The ${name.slice('Checksum'.length)} you specified did not match the calculated checksum.`,
      );
  return Object.fromEntries(given.map(([name]) => [name, String(input[name])]));
}
