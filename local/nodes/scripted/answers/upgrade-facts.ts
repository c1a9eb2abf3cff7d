import type {
  ClusterFacts,
  MachineFacts,
  UpgradeControlPlaneFacts,
  UpgradeFacts,
} from '../../../../lambdas/contracts/upgrade-facts';
import type { ScriptOutcome } from '../../node';
import { YEAR_MS, iso } from '../certificates';
import type { ClusterModel } from '../cluster-model';
import { minorOf } from '../kubernetes-model';
import type { NodeModel } from '../node-model';
import { done, failure } from '../outcomes';
import type { StepCall } from './step-call';

/** As many characters of nodes' names as the script finds room for. */
const MOST_NAMES = 12_000;
const GIB = 1024 * 1024;

/** inspect-for-upgrade.sh */
export function inspectForUpgrade({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  if (node.membership !== 'joined') return failure('start', 'This node has joined no cluster.', 'refused');
  const answer: UpgradeFacts = {
    node: node.name,
    machine: machine(node, cluster, parameters['Version'] ?? 'none'),
    ...(node.role === 'control-plane' && { controlPlane: controlPlane(node, cluster) }),
    ...(node.role === 'control-plane' && cluster.apiServes(node) && { cluster: clusterFacts(cluster) }),
    ...(node.role === 'control-plane' &&
      !cluster.apiServes(node) && { clusterReason: 'its API server does not answer' }),
  };
  return done(answer);
}

function machine(
  { name, versions, kubeletRuns, certificates }: NodeModel,
  cluster: ClusterModel,
  target: string,
): MachineFacts {
  const { kubeadm, kubelet } = versions;
  const offered = Object.entries(cluster.kubernetes.offered)
    .filter(([minor]) => target !== 'none' && minor >= minorOf(kubelet) && minor <= minorOf(target))
    .map(([minor, releases]) => ({ minor, versions: releases, keyEnds: iso(new Date(Date.now() + YEAR_MS)) }));
  return {
    ...{ hostname: name, kubeadm, kubelet, kubectl: kubelet },
    kubeletActive: { ok: kubeletRuns },
    ...{ kubeletFlags: [], kubeadmFlags: ['node-ip'], kubeletGates: [], cgroup: 'v2', instanceConfig: true },
    runtimeSockets: ['/run/containerd/containerd.sock'],
    packages: { manager: 'apt', ...(target !== 'none' && { offered }) },
    disk: { freeKiB: 20 * GIB, imagesFreeKiB: 20 * GIB },
    endpoint: { ok: true },
    kubeletCertificate: { notAfter: iso(certificates.get('kubelet-client')!.notAfter), rotates: true },
  };
}

function controlPlane(node: NodeModel, cluster: ClusterModel): UpgradeControlPlaneFacts {
  const { etcd } = cluster;
  const version = node.versions.staticPods!;
  const ok = cluster.apiServes(node);
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
  return {
    components: names.map((name) => ({
      ...{ name, version: name === 'etcd' ? node.etcdVersion : version, healthy: { ok }, flags: [], gates: [] },
      image: name === 'etcd' ? `registry.k8s.io/etcd:${node.etcdVersion}-0` : `registry.k8s.io/${name}:v${version}`,
    })),
    etcd: {
      ...{ topology: 'stacked', memberId: etcd.idOf(node), healthy: etcd.works(node), version: node.etcdVersion },
      ...(etcd.leader === node && { leader: true }),
      members: etcd.members.map((one) => ({ id: etcd.idOf(one), name: one.name, healthy: etcd.works(one) })),
      ...{ alarms: [], databaseBytes: 50_000_000 },
    },
    disk: { etcdDataKiB: 100_000, kubernetesFreeKiB: 20 * GIB, etcdFreeKiB: 20 * GIB, shared: true },
    missingAnnotations: [],
    kubeletServer: 'own',
    certificates: ['apiserver', 'etcd-server'].map((name) => ({
      name,
      notAfter: iso(node.certificates.get(name)!.notAfter),
      serial: node.certificates.get(name)!.serial,
    })),
  };
}

function clusterFacts(cluster: ClusterModel): ClusterFacts {
  const { kubernetes, joined: nodes } = cluster;
  const controlPlanes = nodes.filter(({ role }) => role === 'control-plane');
  const listed = nodesByState(cluster);
  const told = listed.reduce((sum, { names }) => sum + names.length, 0);
  return {
    version: controlPlanes[0]!.versions.staticPods!,
    nodes: listed,
    nodesLeftOut: nodes.length - told,
    leases: { controllerManager: 1, scheduler: 1 },
    configuration: {
      kubernetesVersion: kubernetes.version,
      ...(controlPlanes.length > 1 && { controlPlaneEndpoint: 'api.example.com:6443' }),
      ...{ imageRepository: 'registry.k8s.io', arguments: {} },
    },
    kubeletConfig: { found: true, gates: [] },
    kubeProxy: {
      ...{ daemonSet: true, configMap: true, version: kubernetes.addonsVersion, gates: [] },
      ...{ desired: nodes.length, ready: nodes.length },
    },
    coreDns: {
      deployments: [{ name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.14.2', desired: 2, ready: 2 }],
      ...{ plugins: ['errors', 'health', 'kubernetes', 'forward', 'cache'], keys: ['Corefile'] },
    },
    strayPods: [],
    apiServers: Object.fromEntries(controlPlanes.map(({ name }) => [name, 1])),
    createJob: { ok: true },
    maintenance: [],
    addons: [{ kind: 'cni', name: 'cilium', version: '1.18.1' }],
    ...{ budgets: [], budgetsLeftOut: 0 },
    drains: { pods: kubernetes.pods.length, asked: 0, refused: [], emptyDir: 0, unmanaged: [], unmanagedCount: 0 },
  };
}

/** Nodes that are alike share a row; no more names than there is room for. */
function nodesByState(cluster: ClusterModel): ClusterFacts['nodes'] {
  const rows = new Map<string, ClusterFacts['nodes'][number]>();
  let characters = 0;
  for (const node of cluster.joined) {
    if ((characters += node.name.length) > MOST_NAMES) break;
    const ready = cluster.isReady(node);
    const cordoned = cluster.kubernetes.cordoned.get(node.name);
    const state = {
      ...{ kubelet: node.versions.kubelet, ready, fresh: ready },
      ...(cordoned && { cordoned }),
      ...(node.role === 'control-plane' && { controlPlane: true }),
    };
    const key = JSON.stringify(state);
    if (!rows.has(key)) rows.set(key, { ...state, names: [] });
    rows.get(key)!.names.push(node.name);
  }
  return [...rows.values()];
}
