import { join } from 'node:path';
import type { WayToAws } from '../node';
import { SOURCE_HEADER } from '../node';
import type { ClusterPlan } from './cluster-plan';

const API_PORT = 4566;

/**
 * Where the nodes of a cluster find a local AWS, when one is running for them. The sockets are in the cluster's folder, which its owner alone
 * can open: whoever reaches them can act as each of the nodes. Their paths are no longer than that of the load balancer's own.
 */
export function wayToAws(plan: ClusterPlan, clusterFolder: string): WayToAws {
  return {
    endpoint: `http://${plan.gateway}:${API_PORT}`,
    apiSocket: join(clusterFolder, 'aws.sock'),
    metadataSocket: join(clusterFolder, 'imds.sock'),
  };
}

/** haproxy's part of it, in the network namespace of the switch: 503 as long as nobody listens on the sockets. */
export function awsProxies(plan: ClusterPlan, clusterFolder: string): string {
  const { apiSocket, metadataSocket } = wayToAws(plan, clusterFolder);
  return `frontend aws
  mode http
  bind ${plan.gateway}:${API_PORT}
  timeout http-request 10s
  default_backend aws
backend aws
  mode http
  option httpclose
  retries 0
  server local-aws unix@${apiSocket}
frontend metadata
  mode http
  bind 169.254.169.254:80
  timeout http-request 10s
  http-request set-header ${SOURCE_HEADER} %[src]
  default_backend metadata
backend metadata
  mode http
  option httpclose
  retries 0
  server local-aws unix@${metadataSocket}
`;
}
