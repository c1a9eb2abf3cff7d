import type { IncomingHttpHeaders } from 'node:http';

/** Names of this machine's loopback, with those of S3's buckets; a page in a browser reaches it under another one by DNS rebinding. */
const LOOPBACK = /^(127\.0\.0\.1|([a-z0-9.-]+\.)?localhost|\[::1\])(:\d+)?$/i;

/**
 * Why a request is refused, in one sentence; undefined when it is answered. Requests need no valid signature here, so a page that is
 * open in a browser on this machine could send some. The SDKs and the CLI send none of these headers; a browser says where a request
 * comes from in at least one of them, unless a person typed the address (`none`).
 * @param ownHost the one other name (host or host:port) that it answers to: where it listens for a node that has no loopback of this machine
 * @param presigned it has a URL that was signed here, so for the loopback's name: a node sends that name as well
 */
export function foreignRequest(headers: IncomingHttpHeaders, ownHost?: string, presigned = false): string | undefined {
  const { host = '', origin, referer } = headers;
  const site = headers['sec-fetch-site'] ?? 'none';
  const answersAsLoopback = ownHost === undefined || presigned;
  if (host !== ownHost && !(answersAsLoopback && LOOPBACK.test(host)))
    return `The local AWS answers as ${ownHost ?? '127.0.0.1 or localhost'} only, not as "${host}": correct AWS_ENDPOINT_URL.`;
  if (origin !== undefined || referer !== undefined || site !== 'none')
    return 'The local AWS does not answer pages in a browser: use an AWS SDK or the AWS CLI.';
  return undefined;
}

/** Only a browser says it: here, when a person opened the address, perhaps from a link in a mail. */
export const isTypedIntoBrowser = (headers: Record<string, string | undefined>): boolean =>
  headers['sec-fetch-site'] !== undefined;

/** An action that only reads, by its name, as AWS names them. */
export const onlyReads = (action: string): boolean => /^(BatchGet|Describe|Get|List|Query|Scan)/.test(action);
