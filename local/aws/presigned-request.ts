import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from './aws-call';
import type { HttpRequest } from './protocols/protocol';

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
export function verifyPresigned(request: HttpRequest, secretKey: string | undefined, now: Date): void {
  const { query, headers } = request;
  const missing = PARAMETERS.filter((name) => !query.get(name));
  if (missing.length || query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    throw unusable(
      `A presigned URL needs ${PARAMETERS.join(', ')}; there is no ${missing.join(', ') || 'AWS4-HMAC-SHA256'}.`,
    );
  const seconds = Number(query.get('X-Amz-Expires'));
  if (!(seconds >= 1 && seconds <= LONGEST_SECONDS))
    throw unusable(`X-Amz-Expires must be 1 to ${LONGEST_SECONDS} seconds, not ${query.get('X-Amz-Expires')}.`);

  const signedAt = readDate(query.get('X-Amz-Date')!);
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
  if (secretKey !== undefined && !isSame(query.get('X-Amz-Signature')!, signatureOf(request, signed, secretKey)))
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
}

function signatureOf(request: HttpRequest, signedHeaders: string[], secretKey: string): string {
  const { method, path, query, headers } = request;
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const canonicalRequest = [
    method,
    path
      .split('/')
      .map((segment) => encode(decodeURIComponent(segment)))
      .join('/'),
    parameters.join('&'),
    ...signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const [, ...scope] = query.get('X-Amz-Credential')!.split('/');
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', query.get('X-Amz-Date')!, scope.join('/'), digest].join('\n');
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretKey}`);
  return hmac(key, toSign).toString('hex');
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const unusable = (message: string) => new AwsError('AuthorizationQueryParametersError', message);

/** RFC 3986, which encodes five characters more than JavaScript. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

/** 20261129T120000Z as milliseconds. */
function readDate(text: string): number {
  const time = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(time)) throw unusable(`X-Amz-Date must be like 20261129T120000Z, not ${text}.`);
  return time;
}
