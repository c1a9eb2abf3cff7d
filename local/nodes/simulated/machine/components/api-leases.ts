import type { ServerResponse } from 'node:http';
import type { NodeView } from '../component';
import { LEASE_SECONDS } from '../leader-leases';
import type { LeaderLease, LeaderLeases } from '../leader-leases';
import { failure } from './api-answers';
import type { ResourceRequest } from './api-answers';

const NODES_PATH = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const LEADERS_PATH = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/';
/** A kubelet that cannot log in renewed its lease at some time before. */
const LONG_AGO = '2000-01-01T00:00:00.000000Z';

type JsonPatch = { op: string; path: string; value: string }[];

/**
 * Answers requests for Leases as bare text: those of nodes as names and times; one of leaders as holder, seconds and time, and a JSON patch
 * that gives it back. False for any other path. Administrators only.
 */
export function answerLeases(
  leases: LeaderLeases,
  nodes: NodeView[],
  { method, url, body }: ResourceRequest,
  response: ServerResponse,
): boolean {
  if (url.pathname === NODES_PATH && method === 'GET') {
    response.end(nodes.map(nodeLine).join(''));
    return true;
  }
  if (!url.pathname.startsWith(LEADERS_PATH)) return false;
  const name = url.pathname.slice(LEADERS_PATH.length);
  const lease = leases.get(name);
  if (!lease) {
    failure(response, 404, 'NotFound', `leases.coordination.k8s.io "${name}" not found`);
  } else if (method === 'GET') {
    response.end(leaderLine(lease));
  } else if (method === 'PATCH') {
    const fields: Record<string, string> = {
      '/spec/holderIdentity': lease.holder,
      '/spec/renewTime': microTime(lease.renewedAt),
    };
    const patch = JSON.parse(body) as JsonPatch;
    const tests = patch.filter(({ op }) => op === 'test');
    if (tests.every(({ path, value }) => value === fields[path])) {
      leases.release(name);
      response.end();
    } else {
      failure(response, 422, 'Invalid', 'the server rejected our request due to an error in our request');
    }
  } else {
    failure(response, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
  return true;
}

/** A kubelet that is well renews it every 10 s. */
function nodeLine({ name, ready }: NodeView): string {
  return `${name} ${ready ? microTime(new Date()) : LONG_AGO}\n`;
}

function leaderLine({ holder, renewedAt }: LeaderLease): string {
  return `${holder} ${LEASE_SECONDS} ${microTime(renewedAt)}`;
}

/** metav1.MicroTime */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
