import type { LabCluster } from '../../../local/nodes/lab/lab-cluster';

const labels = { app: 'web' };

/** A pod on a control plane and one on a worker, of which a budget lets go one at a time. */
const WEB_WITH_BUDGET = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [{ name: 'web', image: 'lab.local/workload:1', imagePullPolicy: 'Never' }],
        },
      },
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 1, selector: { matchLabels: labels } },
  },
];

/** The Deployment and PodDisruptionBudget "web", and both pods ready. */
export async function putWebWithBudget(cluster: LabCluster): Promise<void> {
  const node = cluster.controlPlanes[0]!;
  await node.writeFile('/run/web.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: WEB_WITH_BUDGET }));
  await cluster.kubectl('apply', '-f', '/run/web.json');
  await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
}
