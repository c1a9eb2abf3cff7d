import { createHash, timingSafeEqual } from 'node:crypto';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from './protocols/protocol';

/** Both of a signed request: requests that were signed longer ago than this, or that far ahead, are refused. */
const MOST_SKEW_MS = 5 * 60_000;
const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([^/\s]+)\/([^/\s]+)\/aws4_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;
const CONTENT_HASH = 'x-amz-content-sha256';

/** The parts of an Authorization header. */
export interface Signature {
  accessKeyId: string;
  day: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

/** Undefined for a request without one, or with another form than Signature Version 4's. */
export function readSignature({ headers }: HttpRequest): Signature | undefined {
  const found = FORM.exec(headers['authorization'] ?? '');
  if (!found) return undefined;
  const [accessKeyId, day, region, service, signedHeaders, signature] = found.slice(1) as [string, ...string[]];
  return {
    ...{ accessKeyId, day: day!, region: region!, service: service! },
    ...{ signedHeaders: signedHeaders!.split(';'), signature: signature! },
  };
}

/**
 * Why a request is not signed as it says, in half a sentence; undefined when it is. It is signed again with the same secret, by the
 * signer of the AWS SDK.
 */
export async function findFault(
  request: HttpRequest,
  { accessKeyId, day, region, service, signedHeaders, signature }: Signature,
  expected: { secretAccessKey: string; region: string; service: string },
  now = new Date(),
): Promise<string | undefined> {
  const { headers } = request;
  if (region !== expected.region || service !== expected.service)
    return `it is signed for ${service} in ${region}, expected ${expected.service} in ${expected.region}`;
  const date = readDate(headers['x-amz-date']);
  if (!date?.text.startsWith(day)) return 'its header x-amz-date is missing, or of another day than its credential';
  if (Math.abs(now.getTime() - date.time) > MOST_SKEW_MS) return 'it was signed more than 5 minutes ago, or ahead';
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const unsigned = needed.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length > 0) return `the header ${unsigned[0]} is not signed`;
  const told = headers[CONTENT_HASH];
  if (told !== undefined && told !== createHash('sha256').update(request.body).digest('hex'))
    return `the header ${CONTENT_HASH} is not that of its body`;

  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey: expected.secretAccessKey },
    ...{ region, service, sha256: Hash.bind(null, 'sha256'), applyChecksum: false },
  });
  const again = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: '',
      path: request.path,
      query: queryOf(request),
      headers: Object.fromEntries(signedHeaders.map((name) => [name, headers[name] ?? ''])),
      body: request.body,
    },
    { signingDate: new Date(date.time), signableHeaders: new Set(signedHeaders) },
  );
  const right = again.headers['authorization']?.slice(-64) ?? '';
  return timingSafeEqual(Buffer.from(right), Buffer.from(signature)) ? undefined : 'its signature does not match';
}

/** A date such as 20261129T120000Z, time in milliseconds; undefined for anything else. */
export function readDate(text = ''): { text: string; time: number } | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1);
  return { text, time: Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) };
}

function queryOf({ query }: HttpRequest): Record<string, string[]> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}
