import { request as httpsRequest } from 'node:https';
import { checkServerIdentity } from 'node:tls';
import type { AddressMap } from './address-map';
import { REFUSED_PORT } from './address-map';

export interface ApiCall {
  /** https://HOST:PORT as a kubeconfig names it. */
  server: string;
  /** PEM of the CA that has to have signed the server's certificate. */
  ca: string;
  /** One of the two. */
  token?: string;
  client?: { cert: string; key: string };
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
}

/** A request to an API server over real TLS, led to the real port behind its address; rejects when none answers. */
export function callApi(addresses: AddressMap, call: ApiCall): Promise<{ status: number; text: string }> {
  const { hostname, host } = new URL(call.server);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port: addresses.portOf(host) ?? REFUSED_PORT,
        method: call.method,
        path: call.path,
        ca: call.ca,
        ...call.client,
        headers: {
          'content-type': 'application/json',
          ...(call.token && { authorization: `Bearer ${call.token}` }),
        },
        agent: false,
        timeout: 10_000,
        checkServerIdentity: (_name, certificate) => checkServerIdentity(hostname, certificate),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error('i/o timeout')));
    request.on('error', (error) => reject(new Error(goWords(error))));
    request.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

/** What a program in Go says of the same. */
function goWords({ message }: Error): string {
  if (message.includes('ECONNREFUSED')) return 'connect: connection refused';
  return message.includes('socket disconnected') || message.includes('ECONNRESET') ? 'EOF' : message;
}
