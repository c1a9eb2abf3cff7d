import type { ServerResponse } from 'node:http';

export interface ResourceRequest {
  method: string;
  url: URL;
  accept: string;
  body: string;
  /** From the client's certificate or token. */
  user: string;
  groups: string[];
  etcdAnswers: boolean;
}

const ADMINS = ['kubeadm:cluster-admins', 'system:masters'];

export const isAdministrator = (groups: string[]) => groups.some((group) => ADMINS.includes(group));

export function forbidden(response: ServerResponse, { user, url }: ResourceRequest): void {
  failure(response, 403, 'Forbidden', `forbidden: User "${user}" cannot get path "${url.pathname}"`);
}

/** A Status object, as every refusal of a real API server. */
export function failure(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
