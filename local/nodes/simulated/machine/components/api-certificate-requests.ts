import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { CertificateRequest, ResourceStore } from '../resource-store';
import { failure, forbidden, isAdministrator, json } from './api-answers';
import type { ResourceRequest } from './api-answers';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
/** Who may ask for a certificate by kubeadm's ClusterRoleBindings. */
const ASKERS = ['system:bootstrappers:kubeadm:default-node-token', 'system:nodes'];

/** Answers requests for CertificateSigningRequests; false for any other path. */
export function answerCertificateRequests(
  store: ResourceStore,
  request: ResourceRequest,
  response: ServerResponse,
): boolean {
  const { method, url, groups, user } = request;
  if (url.pathname !== PATH && !url.pathname.startsWith(`${PATH}/`)) return false;
  const name = url.pathname.slice(PATH.length + 1);
  if (!isAdministrator(groups) && !groups.some((group) => ASKERS.includes(group))) {
    forbidden(response, request);
  } else if (method === 'POST' && !name) {
    const { spec } = JSON.parse(request.body) as { spec: { request: string; signerName: string } };
    const created: CertificateRequest = {
      name: `csr-${randomBytes(3).toString('hex').slice(0, 5)}`,
      requestor: user,
      groups,
      signerName: spec.signerName,
      request: Buffer.from(spec.request, 'base64').toString(),
      createdAt: new Date(),
    };
    store.addCertificateRequest(created);
    json(response, 201, objectOf(created));
  } else if (method === 'GET' && name) {
    const found = store.certificateRequests.get(name);
    if (found) json(response, 200, objectOf(found));
    else failure(response, 404, 'NotFound', `certificatesigningrequests.certificates.k8s.io "${name}" not found`);
  } else if (method === 'GET' && request.accept === 'text/plain') {
    response.end([...store.certificateRequests.values()].map(lineOf).join(''));
  } else {
    failure(response, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
  return true;
}

/** A row of `kubectl get csr`. */
function lineOf({ name, createdAt, signerName, requestor, certificate }: CertificateRequest): string {
  const age = Math.floor((Date.now() - createdAt.getTime()) / 1000);
  return `${name} ${age}s ${signerName} ${requestor} <none> ${certificate ? 'Approved,Issued' : 'Pending'}\n`;
}

function objectOf({ name, certificate }: CertificateRequest) {
  return {
    kind: 'CertificateSigningRequest',
    apiVersion: 'certificates.k8s.io/v1',
    metadata: { name },
    status: certificate ? { certificate: Buffer.from(certificate).toString('base64') } : {},
  };
}
