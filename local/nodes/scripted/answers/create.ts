import type {
  ClusterDns,
  InitialisedControlPlane,
  JoinedNode,
  PodNetwork,
  PreflightFacts,
  PreparedJoin,
  PreparedNode,
  ProbePods,
} from '../../../../lambdas/contracts/create-steps';
import type { NodeRole } from '../../../../lambdas/contracts/node';
import type { ScriptOutcome } from '../../node';
import type { ClusterModel } from '../cluster-model';
import { done, failure } from '../outcomes';
import type { StepCall } from './step-call';
import type { NodeModel } from '../node-model';

const PORTS: Record<NodeRole, number[]> = { 'control-plane': [6443, 2379, 2380], worker: [], etcd: [2379, 2380] };
const STEP = { 'control-plane': 'init', worker: 'join', etcd: 'etcd' } as const;

/** preflight.sh */
export function preflight({ node }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const index = (cluster.nodes as NodeModel[]).indexOf(node);
  const isJoined = node.membership === 'joined';
  const facts: PreflightFacts = {
    node: node.name,
    system: { id: 'debian', version: '12', architecture: 'x86_64' },
    cpus: 2,
    memoryMiB: 3_900,
    disk: { kubeletFreeMiB: 40_000, containerdFreeMiB: 40_000, etcdFreeMiB: 40_000 },
    productUuid: `ec2${node.instanceId.slice(-17)}`,
    macs: [`0a:00:00:00:${octet(index >> 8)}:${octet(index & 255)}`],
    swap: false,
    cgroup: 'v2',
    clock: 'synchronised',
    runtime: { containerd: '2.2.1', sockets: ['/run/containerd/containerd.sock'] },
    packages: {
      manager: 'apt',
      ...(node.prepared && { kubeadm: node.versions.kubeadm, kubelet: node.versions.kubelet }),
    },
    portsInUse: isJoined ? [...PORTS[node.role], 10250] : [],
    endpointAddresses: ['10.0.0.10'],
    cluster: {
      state: node.membership,
      ...(node.membership === 'unfinished' && { step: STEP[node.role] }),
      ...(isJoined && node.role === 'etcd' && { etcdMember: true }),
      ...(isJoined &&
        node.role !== 'etcd' && {
          caHash: cluster.caHash,
          cgroupDriver: 'systemd',
          ...(node.unproven && { unproven: true }),
          ...(node.role === 'control-plane' && { controlPlane: true, endpoint: 'api.demo.internal:6443' }),
        }),
    },
    secrets: { ok: true },
  };
  return done(facts);
}

/** prepare-node.sh */
export function prepareNode({ node, parameters }: StepCall): ScriptOutcome {
  const version = parameters['Version']!;
  const prepared: PreparedNode = {
    node: node.name,
    changed: !node.prepared || node.versions.kubeadm !== version,
    version,
    runtime: parameters['Runtime']!,
    runtimeVersion: '2.2.1',
    warnings: [],
  };
  node.prepared = true;
  Object.assign(node.versions, { kubeadm: version, kubelet: version });
  return done(prepared);
}

/** init-control-plane.sh */
export function initControlPlane({ node }: StepCall, cluster: ClusterModel): ScriptOutcome {
  if (!node.prepared) return failure('check the preconditions', `kubeadm is not installed: prepare this node first.`);
  if (cluster.externalEtcd && !cluster.externalEtcd.clients.has(node.name))
    return failure('kubeadm init', 'kubeadm init ended with 1: etcd does not know this control plane.');
  const initialised: InitialisedControlPlane = { node: node.name, changed: node.membership !== 'joined' };
  if (initialised.changed) node.unproven = true;
  cluster.admit(node);
  return done(initialised);
}

/** prepare-join.sh */
export function prepareJoin({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  if (node.membership !== 'joined') return failure('look at the cluster', 'This node is no control plane.');
  const isCreated = parameters['Action'] === 'create';
  const answer: PreparedJoin = {
    node: node.name,
    changed: isCreated || cluster.knowsToken,
    ...(isCreated && { caHash: cluster.caHash }),
  };
  cluster.knowsToken = isCreated;
  return done(answer);
}

/** join-node.sh */
export function joinNode({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const joined: JoinedNode = { node: node.name, changed: node.membership !== 'joined' };
  if (joined.changed) {
    if (!node.prepared) return failure('check the preconditions', 'kubeadm is not installed: prepare this node first.');
    if (!cluster.knowsToken)
      return failure('kubeadm join', 'kubeadm join ended with 1: the API server does not know the token.');
    if (parameters['CaHash'] !== cluster.caHash)
      return failure('kubeadm join', 'kubeadm join ended with 1: another CA.');
  }
  if (joined.changed) node.unproven = true;
  cluster.admit(node);
  return done(joined);
}

/** probe-pods.sh */
export function probePods({ node, parameters }: StepCall, cluster: ClusterModel): ScriptOutcome {
  const isCreated = parameters['Action'] === 'create';
  cluster.probed = isCreated
    ? cluster.joined.filter(
        ({ name }) =>
          name === node.name || parameters['Nodes'] === 'all' || parameters['Nodes']!.split(',').includes(name),
      )
    : [];
  const answer: ProbePods = {
    node: node.name,
    changed: true,
    ...(isCreated && { pods: cluster.probed.map(({ name }, index) => `${name}=10.244.0.${index}`).join(',') }),
  };
  return done(answer);
}

/** check-pod-network.sh */
export function checkPodNetwork({ node, parameters }: StepCall): ScriptOutcome {
  const pods = parameters['Pods']!.split(',').map((pod) => pod.split('=')[0]);
  const answer: PodNetwork = { node: node.name, reached: pods.filter((name) => name !== node.name).length };
  return done(answer);
}

/** check-cluster-dns.sh */
export function checkClusterDns({ node }: StepCall): ScriptOutcome {
  const answer: ClusterDns = { node: node.name, server: '10.96.0.10', address: '10.96.0.1' };
  node.unproven = false;
  return done(answer);
}

const octet = (value: number): string => value.toString(16).padStart(2, '0');
