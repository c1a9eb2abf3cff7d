import type { LabCluster } from '../../../local/nodes/lab/lab-cluster';

const labels = { app: 'shop' };
/** On every node, and so from outside of the cluster. */
const NODE_PORT = 30080;

/**
 * A workload as its owner makes it who wants no request lost: three pods of which a budget lets go one at a time, and which go on answering
 * until every node knows that they leave.
 */
const SHOP = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              ...{ name: 'shop', image: 'lab.local/workload:1', imagePullPolicy: 'Never' },
              readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
              lifecycle: { preStop: { sleep: { seconds: 10 } } },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'shop' },
    spec: { minAvailable: 2, selector: { matchLabels: labels } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }] },
  },
];

/** The Deployment, PodDisruptionBudget and Service "shop", all pods ready. */
export async function openShop(cluster: LabCluster): Promise<void> {
  const node = cluster.controlPlanes[0]!;
  await node.writeFile('/run/shop.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: SHOP }));
  await cluster.kubectl('apply', '-f', '/run/shop.json');
  await cluster.kubectl('rollout', 'status', 'deployment/shop', '--timeout=120s');
}

/** The Service "shop" as a node forwards it, to whichever node its pods are on. */
export function shopThrough(cluster: LabCluster, node: string): string {
  const { privateIp } = cluster.plan.nodes.find(({ name }) => name === node)!;
  return `http://${privateIp}:${NODE_PORT}/`;
}
