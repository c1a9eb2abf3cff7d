import type { ServerResponse } from 'node:http';
import type { ClusterView, NodeView } from '../component';

export interface ResourceRequest {
  url: URL;
  accept: string;
  /** From the client's certificate. */
  user: string;
  groups: string[];
  etcdAnswers: boolean;
}

const ADMINS = ['kubeadm:cluster-admins', 'system:masters'];

/**
 * The resources that scripts ask for, in JSON; for `Accept: text/plain` as bare text, because the kubectl stand-in is a bash script
 * and has no JSON parser.
 */
export function answerResource(cluster: ClusterView, request: ResourceRequest, response: ServerResponse): void {
  const { url, user, groups, etcdAnswers } = request;
  if (url.pathname === '/version') return json(response, 200, { gitVersion: cluster.nodeViews()[0]?.version });
  if (!groups.some((group) => ADMINS.includes(group))) {
    return failure(response, 403, 'Forbidden', `forbidden: User "${user}" cannot get path "${url.pathname}"`);
  }
  if (!etcdAnswers) {
    return failure(
      response,
      504,
      'Timeout',
      'the server was unable to return a response in the time allotted, but may still be processing requests',
    );
  }
  const plain = request.accept === 'text/plain';
  switch (url.pathname) {
    case '/api/v1/namespaces/kube-system/configmaps/kubeadm-config': {
      if (plain) return void response.end(cluster.clusterConfiguration);
      return json(response, 200, {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
        data: { ClusterConfiguration: cluster.clusterConfiguration },
      });
    }
    case '/api/v1/nodes': {
      if (plain) return void response.end(cluster.nodeViews().map(nodeLine).join(''));
      return json(response, 200, { kind: 'NodeList', apiVersion: 'v1', items: cluster.nodeViews().map(nodeObject) });
    }
    default:
      return failure(response, 404, 'NotFound', 'the server could not find the requested resource');
  }
}

function nodeLine({ name, ready, roles, version }: NodeView): string {
  return `${name} ${ready ? 'Ready' : 'NotReady'} ${roles} ${version}\n`;
}

function nodeObject({ name, ready, version }: NodeView) {
  return {
    metadata: { name },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }],
      nodeInfo: { kubeletVersion: version },
    },
  };
}

function failure(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
