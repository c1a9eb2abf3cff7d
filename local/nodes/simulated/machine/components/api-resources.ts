import type { ServerResponse } from 'node:http';
import type { ClusterView, NodeView } from '../component';
import { failure, forbidden, isAdministrator, json } from './api-answers';
import type { ResourceRequest } from './api-answers';
import { answerCertificateRequests } from './api-certificate-requests';
import { answerLeases } from './api-leases';
import { answerSecrets } from './api-secrets';

/**
 * The resources that scripts ask for, in JSON; for `Accept: text/plain` as bare text, because the kubectl stand-in is a bash script
 * and has no JSON parser.
 */
export function answerResource(cluster: ClusterView, request: ResourceRequest, response: ServerResponse): void {
  const { method, url, groups, etcdAnswers, accept } = request;
  if (url.pathname === '/version') return json(response, 200, { gitVersion: cluster.nodeViews()[0]?.version });
  if (!etcdAnswers) {
    return failure(
      response,
      504,
      'Timeout',
      'the server was unable to return a response in the time allotted, but may still be processing requests',
    );
  }
  if (answerCertificateRequests(cluster.resources, request, response)) return;
  if (!isAdministrator(groups)) return forbidden(response, request);
  if (answerSecrets(cluster.resources, request, response)) return;
  if (answerLeases(cluster.resources.leaderLeases, cluster.nodeViews(), request, response)) return;
  const plain = accept === 'text/plain';
  switch (`${method} ${url.pathname}`) {
    case 'GET /api/v1/namespaces/kube-system/configmaps/kubeadm-config': {
      if (plain) return void response.end(cluster.clusterConfiguration);
      return json(response, 200, {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
        data: { ClusterConfiguration: cluster.clusterConfiguration },
      });
    }
    case 'GET /api/v1/nodes': {
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
