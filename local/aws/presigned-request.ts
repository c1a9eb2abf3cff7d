import { timingSafeEqual } from 'node:crypto';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsError } from './aws-call';
import type { HttpRequest } from './protocols/protocol';
import { readDate } from './verify-signature';

const LONGEST_SECONDS = 604_800;
const PARAMETERS = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'].map(
  (name) => `X-Amz-${name}`,
);

export const isPresigned = ({ query }: HttpRequest): boolean => query.has('X-Amz-Signature');

/**
 * Checks a presigned S3 URL as "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)" of S3's API reference says: who has
 * the URL has the rights of its signer, for this one request, until it expires.
 * @param secretKey of the access key in the URL; undefined where that was not issued here, so that only the time can be checked
 * @throws AwsError AuthorizationQueryParametersError, AccessDenied (expired, headers that are not signed), SignatureDoesNotMatch
 */
export async function verifyPresigned(request: HttpRequest, secretKey: string | undefined, now: Date): Promise<void> {
  const { query, headers } = request;
  const missing = PARAMETERS.filter((name) => !query.get(name));
  if (missing.length || query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    throw unusable(
      `A presigned URL needs ${PARAMETERS.join(', ')}; there is no ${missing.join(', ') || 'AWS4-HMAC-SHA256'}.`,
    );
  const seconds = Number(query.get('X-Amz-Expires'));
  if (!(seconds >= 1 && seconds <= LONGEST_SECONDS))
    throw unusable(`X-Amz-Expires must be 1 to ${LONGEST_SECONDS} seconds, not ${query.get('X-Amz-Expires')}.`);

  const signedAt = readDate(query.get('X-Amz-Date')!)?.time;
  if (signedAt === undefined)
    throw unusable(`X-Amz-Date must be like 20261129T120000Z, not ${query.get('X-Amz-Date')}.`);
  if (now.getTime() > signedAt + seconds * 1000) throw new AwsError('AccessDenied', 'Request has expired', 403);

  const signed = query.get('X-Amz-SignedHeaders')!.split(';');
  const unsigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !signed.includes(name));
  if (unsigned.length || !signed.includes('host')) {
    const names = unsigned.join(', ') || 'host';
    throw new AwsError(
      'AccessDenied',
      `There were headers present in the request which were not signed: ${names}`,
      403,
    );
  }
  if (
    secretKey !== undefined &&
    !isSame(query.get('X-Amz-Signature')!, await signatureOf(request, signed, signedAt, secretKey))
  )
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
}

/** Signs the URL again with the same secret, by the signer of the AWS SDK. */
async function signatureOf(
  request: HttpRequest,
  signed: string[],
  signedAt: number,
  secretAccessKey: string,
): Promise<string> {
  const { method, path, query, headers } = request;
  const [accessKeyId, , region, service] = query.get('X-Amz-Credential')!.split('/') as [
    string,
    string,
    string,
    string,
  ];
  const ofSigner = new Set(PARAMETERS);
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    // S3 does not escape a path twice, and does not sign the body of a presigned request.
    ...{ region, service, sha256: Hash.bind(null, 'sha256'), uriEscapePath: false, applyChecksum: false },
  });
  const again = await signer.presign(
    {
      ...{ method, path, protocol: 'https:', hostname: '' },
      query: Object.fromEntries([...query].filter(([name]) => !ofSigner.has(name))),
      headers: {
        ...Object.fromEntries(signed.map((name) => [name, headers[name] ?? ''])),
        'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
      },
    },
    {
      expiresIn: Number(query.get('X-Amz-Expires')),
      signingDate: new Date(signedAt),
      signableHeaders: new Set(signed),
      unhoistableHeaders: new Set(signed),
    },
  );
  return String(again.query?.['X-Amz-Signature'] ?? '');
}

const unusable = (message: string) => new AwsError('AuthorizationQueryParametersError', message);

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
