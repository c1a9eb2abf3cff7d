import type { ServerResponse } from 'node:http';
import type { ResourceStore } from '../resource-store';
import { failure, json } from './api-answers';
import type { ResourceRequest } from './api-answers';

const PATH = '/api/v1/namespaces/kube-system/secrets';

interface Manifest {
  type?: string;
  metadata: { name: string; labels?: Record<string, string> };
  stringData?: Record<string, string>;
}

/** Answers requests for Secrets in kube-system: create, replace, delete by label; false for any other path. Administrators only. */
export function answerSecrets({ secrets }: ResourceStore, request: ResourceRequest, response: ServerResponse): boolean {
  const { method, url, body } = request;
  if (url.pathname !== PATH && !url.pathname.startsWith(`${PATH}/`)) return false;
  if (method === 'POST' || method === 'PUT') {
    const { metadata, type = 'Opaque', stringData = {} } = JSON.parse(body) as Manifest;
    const { name, labels = {} } = metadata;
    const known = secrets.has(name);
    if (method === 'POST' && known) {
      failure(response, 409, 'AlreadyExists', `secrets "${name}" already exists`);
    } else if (method === 'PUT' && !known) {
      failure(response, 404, 'NotFound', `secrets "${name}" not found`);
    } else {
      secrets.set(name, { name, type, labels, data: stringData });
      json(response, known ? 200 : 201, { kind: 'Secret', apiVersion: 'v1', metadata: { name } });
    }
  } else if (method === 'DELETE') {
    const [key = '', value] = (url.searchParams.get('labelSelector') ?? '').split('=');
    const gone = [...secrets.values()].filter(({ labels }) => labels[key] === value).map(({ name }) => name);
    for (const name of gone) secrets.delete(name);
    response.end(gone.map((name) => `${name}\n`).join(''));
  } else {
    failure(response, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
  return true;
}
