import { createHash } from 'node:crypto';
import type { ApiModel, Operation } from '../api-model';
import { AwsError } from '../aws-call';
import { membersOf } from '../shapes';
import type { HttpAnswer, HttpRequest, Protocol } from './protocol';
import { errorStatus } from './protocol';
import { findRestOperation, readLabels, readOutsideBody, refuseUnknownQuery, restTraits } from './rest';
import { element, escapeXml, writeXmlMembers } from './xml';

/**
 * The bucket of an S3 request, and the request as the API describes it, without the bucket: http://127.0.0.1/BUCKET/KEY (what the SDKs use
 * where the endpoint is an address) and http://BUCKET.localhost/KEY are the same.
 */
export function addressBucket(request: HttpRequest): { bucket?: string; request: HttpRequest } {
  const virtualHost = /^(.+)\.localhost(:\d+)?$/.exec(request.headers['host'] ?? '')?.[1];
  if (virtualHost) return { bucket: virtualHost, request };
  const [, bucket = '', ...key] = request.path.split('/');
  if (bucket === '') return { request };
  return { bucket: decodeURIComponent(bucket), request: { ...request, path: `/${key.join('/')}` } };
}

/** A presigned URL carries what would be headers in its query string. */
function presignedHeaders(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query].map(([name, value]) => [name.toLowerCase(), value]).filter(([name]) => name!.startsWith('x-amz-')),
  );
}

export function findS3Operation(model: ApiModel, asked: HttpRequest): Operation | undefined {
  const { bucket, request } = addressBucket(asked);
  const operations = [...model.operations].filter(
    ([, { http }]) => http !== undefined && http.required.includes('Bucket') === (bucket !== undefined),
  );
  return findRestOperation({ ...model, operations: new Map(operations) }, request);
}

/** REST with XML (S3). Of request bodies it knows an object's bytes alone: no operation of the local S3 takes XML. */
export const restXml: Protocol = {
  read(asked, operation) {
    const { bucket, request: addressed } = addressBucket(asked);
    const request = { ...addressed, headers: { ...presignedHeaders(asked.query), ...asked.headers } };
    const labels = {
      ...readLabels(operation.http!.path, request.path),
      ...(bucket !== undefined && { Bucket: bucket }),
    };
    refuseUnknownQuery(request.query, operation);
    refuseOtherBytes(request);
    const input: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(operation.input.getMemberSchemas())) {
      const { httpPayload } = restTraits(member);
      const value =
        httpPayload && member.isBlobSchema() ? request.body : readOutsideBody(request, labels, name, member);
      if (value !== undefined) input[name] = value;
    }
    return input;
  },

  write(output, operation, model, requestId) {
    const answer: HttpAnswer = { status: operation.http!.status, headers: { 'x-amz-request-id': requestId }, body: '' };
    const inBody: Record<string, unknown> = {};
    for (const [name, member, value] of membersOf(operation.output, output)) {
      const { httpHeader, httpPrefixHeaders, httpPayload } = restTraits(member);
      if (httpHeader) answer.headers[httpHeader.toLowerCase()] = headerText(value);
      else if (httpPrefixHeaders)
        for (const [key, text] of Object.entries(value as object))
          answer.headers[`${httpPrefixHeaders.toLowerCase()}${key}`] = String(text);
      else if (httpPayload) answer.body = value as Uint8Array;
      else inBody[name] = value;
    }
    if (Object.keys(inBody).length === 0) return answer;
    const { xmlName = `${operation.name}Result` } = operation.output.getMergedTraits() as { xmlName?: string };
    const content = writeXmlMembers(operation.output, inBody);
    answer.headers['content-type'] = 'application/xml';
    answer.body = `<?xml version="1.0" encoding="UTF-8"?>\n<${xmlName} xmlns="${model.xmlNamespace}">${content}</${xmlName}>`;
    return answer;
  },

  writeError(error, requestId, model) {
    const detail = [
      element('Code', escapeXml(error.code)),
      element('Message', escapeXml(error.message)),
      element('RequestId', requestId),
    ];
    return {
      status: errorStatus(error, model),
      headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', detail.join(''))}`,
    };
  },
};

/** Dates in headers are those of HTTP. */
const headerText = (value: unknown) => (value instanceof Date ? value.toUTCString() : String(value));

/** @throws AwsError where the body is not the bytes that the request says: other ones, or in a coding that is not undone here. */
function refuseOtherBytes({ headers, body }: HttpRequest): void {
  const said = headers['x-amz-content-sha256'];
  if (said?.startsWith('STREAMING-'))
    throw new AwsError(
      'NotImplemented',
      `The local AWS does not read bodies in chunks (x-amz-content-sha256: ${said}).`,
      501,
    );
  if (said !== undefined && /^[0-9a-f]{64}$/.test(said) && said !== createHash('sha256').update(body).digest('hex'))
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
}
