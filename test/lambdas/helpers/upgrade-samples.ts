import type { ClusterNode } from '../../../lambdas/contracts/node';
import type { NodeResult } from '../../../lambdas/contracts/run-on-nodes';
import { planUpgradeInput, type PlanUpgradeInput, type UpgradePlan } from '../../../lambdas/contracts/upgrade';
import type {
  ClusterFacts,
  MachineFacts,
  UpgradeControlPlaneFacts,
  UpgradeFacts,
} from '../../../lambdas/contracts/upgrade-facts';
import { planUpgrade } from '../../../lambdas/functions/plan-upgrade/plan-upgrade';
import { config, inDays, instanceId, NOW } from './samples';

/** A cluster of 1.36.3 that can be upgraded to 1.37.2 and whose etcd is new enough. Tests change what they are about. */
export interface UpgradeCluster {
  nodes: ClusterNode[];
  facts: Map<string, UpgradeFacts>;
  upgrade: Record<string, unknown>;
  settings: Record<string, unknown>;
  target: string;
  skipNodes: string[];
}

const IMAGES = {
  'kube-apiserver': 'registry.k8s.io/kube-apiserver:v1.36.3',
  'kube-controller-manager': 'registry.k8s.io/kube-controller-manager:v1.36.3',
  'kube-scheduler': 'registry.k8s.io/kube-scheduler:v1.36.3',
  etcd: 'registry.k8s.io/etcd:3.6.12-0',
} as const;

export const machineFacts = (hostname: string): MachineFacts => ({
  ...{ hostname, kubeadm: '1.36.3', kubelet: '1.36.3', kubectl: '1.36.3', kubeletActive: { ok: true } },
  ...{ kubeletFlags: [], kubeadmFlags: ['node-ip'], kubeletGates: [], cgroup: 'v2', instanceConfig: true },
  runtimeSockets: ['/run/containerd/containerd.sock'],
  packages: {
    manager: 'apt',
    offered: [
      { minor: '1.36', versions: ['1.36.6', '1.36.3'], keyEnds: inDays(400) },
      { minor: '1.37', versions: ['1.37.2', '1.37.1'], keyEnds: inDays(400) },
    ],
  },
  disk: { freeKiB: 10_000_000, imagesFreeKiB: 10_000_000 },
  endpoint: { ok: true },
  bucket: { ok: true },
  kubeletCertificate: { notAfter: inDays(200), rotates: true },
});

const controlPlaneFacts = (number: number, members: number): UpgradeControlPlaneFacts => ({
  components: (['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const).map((name) => ({
    ...{ name, image: IMAGES[name], healthy: { ok: true }, flags: [], gates: [] },
    version: name === 'etcd' ? '3.6.12' : '1.36.3',
  })),
  etcd: {
    ...{ topology: 'stacked', memberId: `${number}a`, leader: number === 1, healthy: true, version: '3.6.12' },
    members: Array.from({ length: members }, (_, index) => ({
      ...{ id: `${index + 1}a`, name: `cp-${index + 1}`, healthy: true },
    })),
    ...{ alarms: [], databaseBytes: 50_000_000 },
  },
  disk: { etcdDataKiB: 200_000, kubernetesFreeKiB: 10_000_000, etcdFreeKiB: 10_000_000, shared: true },
  missingAnnotations: [],
  kubeletServer: 'own',
  certificates: ['apiserver', 'etcd-server'].map((name) => ({ name, notAfter: inDays(200) })),
});

const clusterFacts = (names: string[], controlPlanes: string[]): ClusterFacts => ({
  version: '1.36.3',
  nodes: [{ kubelet: '1.36.3', ready: true, fresh: true, names }],
  nodesLeftOut: 0,
  leases: { controllerManager: 1, scheduler: 2 },
  configuration: {
    ...{ kubernetesVersion: '1.36.3', controlPlaneEndpoint: 'api.demo:6443', imageRepository: 'registry.k8s.io' },
    arguments: {},
  },
  kubeletConfig: { found: true, gates: [] },
  kubeProxy: {
    daemonSet: true,
    configMap: true,
    version: '1.36.3',
    desired: names.length,
    ready: names.length,
    gates: [],
  },
  coreDns: {
    deployments: [{ name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.14.2', desired: 2, ready: 2 }],
    plugins: ['errors', 'health', 'kubernetes', 'forward', 'cache'],
    keys: ['Corefile'],
  },
  strayPods: [],
  apiServers: Object.fromEntries(controlPlanes.map((name) => [name, 1])),
  createJob: { ok: true },
  maintenance: [],
  addons: [{ kind: 'cni', name: 'cilium', version: '1.18.1' }],
  ...{ budgets: [], budgetsLeftOut: 0 },
  drains: { pods: 10, asked: 10, refused: [], emptyDir: 0, unmanaged: [], unmanagedCount: 0 },
});

/** Names are cp-1 ..., worker-1 ...; Kubernetes knows them by the same. */
export function upgradeCluster(controlPlanes: number, workers: number): UpgradeCluster {
  const ofRole = (role: 'control-plane' | 'worker', count: number, first: number): ClusterNode[] =>
    Array.from({ length: count }, (_, index) => ({
      instanceId: instanceId(first + index),
      name: `${role === 'worker' ? 'worker' : 'cp'}-${index + 1}`,
      role,
    }));
  const nodes = [...ofRole('control-plane', controlPlanes, 1), ...ofRole('worker', workers, 101)];
  const names = nodes.map(({ name }) => name);
  const facts = nodes.map(({ name, role }, index): [string, UpgradeFacts] => [
    name,
    {
      node: name,
      machine: machineFacts(name),
      ...(role === 'control-plane' && {
        controlPlane: controlPlaneFacts(index + 1, controlPlanes),
        cluster: clusterFacts(names, names.slice(0, controlPlanes)),
      }),
    },
  ]);
  return { nodes, facts: new Map(facts), upgrade: {}, settings: {}, target: '1.37.2', skipNodes: [] };
}

export const of = (cluster: UpgradeCluster, name: string): UpgradeFacts => cluster.facts.get(name) as UpgradeFacts;
export const machine = (cluster: UpgradeCluster, name: string) => of(cluster, name).machine;
export const controlPlane = (cluster: UpgradeCluster, name = 'cp-1') =>
  of(cluster, name).controlPlane as UpgradeControlPlaneFacts;
export const component = (cluster: UpgradeCluster, name: string, own: string) =>
  controlPlane(cluster, name).components.find(
    (one) => one.name === own,
  ) as UpgradeControlPlaneFacts['components'][number];
/** What cp-1 says, which is asked first. */
export const shared = (cluster: UpgradeCluster) => of(cluster, 'cp-1').cluster as ClusterFacts;

/** These nodes have come to a version, as the API server tells it too. */
export function bring(cluster: UpgradeCluster, version: string, names: string[], etcd = '3.7.0'): void {
  for (const name of names) {
    Object.assign(machine(cluster, name), { kubeadm: version, kubelet: version, kubectl: version });
    const facts = of(cluster, name).controlPlane;
    if (!facts) continue;
    facts.etcd.version = etcd;
    for (const one of facts.components) one.version = one.name === 'etcd' ? etcd : version;
  }
  const all = shared(cluster).nodes.flatMap((row) => row.names);
  const rows = Map.groupBy(all, (name) => machine(cluster, name).kubelet ?? '');
  shared(cluster).nodes = [...rows].map(([kubelet, group]) => ({ kubelet, ready: true, fresh: true, names: group }));
}

export function input(cluster: UpgradeCluster): PlanUpgradeInput {
  const { nodes, facts, target, skipNodes, upgrade, settings } = cluster;
  return {
    cluster: 'demo',
    config: config({}, { ...settings, upgrade }),
    options: { planOnly: true, version: target, skipNodes, waitForWindow: false },
    at: NOW.toISOString(),
    nodes,
    facts: nodes.flatMap(({ instanceId: id, name }): NodeResult[] => {
      const result = facts.get(name);
      return result ? [{ instanceId: id, name, result }] : [];
    }),
  };
}

export const plan = (cluster: UpgradeCluster, now = NOW): UpgradePlan =>
  planUpgrade(planUpgradeInput.parse(input(cluster)), now);

/** Names of the gates that say no. */
export const refusing = ({ gates }: UpgradePlan): string[] =>
  gates.filter(({ passed }) => !passed).map(({ name }) => name);
export const reasonOf = ({ gates }: UpgradePlan, name: string): string =>
  gates.find((gate) => gate.name === name)?.reason ?? '';
