import Table from 'cli-table3';
import type { LabCluster } from './lab-cluster';

/** What a person wants to see of a cluster, as text. */
export async function describeCluster(cluster: LabCluster): Promise<string> {
  const { name, kubernetesVersion, endpoint, gateway } = cluster.plan;
  const targets = await cluster.loadBalancer.targets().catch(() => []);
  const ready = await readiness(cluster);
  const table = new Table({
    head: ['node', 'role', 'instance', 'address', 'power', 'Kubernetes', 'load balancer'],
    style: { head: [], border: [] },
  });
  for (const node of cluster.nodes) {
    table.push([
      node.name,
      node.role,
      node.instanceId,
      node.privateIp,
      node.isOn ? 'on' : 'off',
      ready.get(node.name) ?? 'unknown',
      targets.find((target) => target.node === node.name)?.status ?? '',
    ]);
  }
  return `Lab cluster ${name}, Kubernetes ${kubernetesVersion}, endpoint ${endpoint} (${gateway})\n${table.toString()}`;
}

/** Node -> "Ready v1.36.3", as the API server says; nothing when no API server answers. */
async function readiness(cluster: LabCluster): Promise<Map<string, string>> {
  const columns =
    'NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status,VERSION:.status.nodeInfo.kubeletVersion';
  const args = ['--request-timeout=5s', 'get', 'nodes', '--no-headers', '-o', `custom-columns=${columns}`];
  const listed = await cluster.kubectl(...args).catch(() => '');
  return new Map(
    listed
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => words.length === 3)
      .map(([name, isReady, version]) => [name!, `${isReady === 'True' ? 'Ready' : 'NotReady'} ${version}`]),
  );
}
