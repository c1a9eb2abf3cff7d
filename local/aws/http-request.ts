import { gunzipSync } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import type { HttpRequest } from './protocols/protocol';

/** A request with its body as it came (decompressed), and its path as it was sent: encoded. */
export function readHttpRequest(raw: FastifyRequest, bodyLimit = raw.routeOptions.bodyLimit): HttpRequest {
  const [path, search] = raw.url.split(/\?(.*)/s, 2) as [string, string?];
  const headers = raw.headers as Record<string, string | undefined>;
  const sent = Buffer.isBuffer(raw.body) ? raw.body : Buffer.alloc(0);
  // PutMetricData is compressed by the SDK from 10 KB on.
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent, { maxOutputLength: bodyLimit }) : sent;
  return { method: raw.method, path, query: new URLSearchParams(search), headers, body };
}
