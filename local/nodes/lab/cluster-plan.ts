import { createHash, randomBytes } from 'node:crypto';
import { clusterName } from '../../../lambdas/contracts/cluster-config';
import type { NodeRole } from '../../../lambdas/contracts/node';
import { DEFAULT_KUBERNETES } from '../default-kubernetes';

export interface LabClusterOptions {
  /** Also the value of the EC2 tag. Machine-wide: `up` removes a cluster of this name first. Default: lab. */
  name?: string;
  /** Default: 3. */
  controlPlanes?: number;
  /** Default: 2. */
  workers?: number;
  /** Machines of role etcd: only of a bare cluster, whose etcd somebody else starts there. Default: 0. */
  etcdMachines?: number;
  /** Default: DEFAULT_KUBERNETES. */
  kubernetesVersion?: string;
  /** Fields in the place of the lab's own ClusterConfiguration's (kubeadm.k8s.io/v1beta4), such as {certificateValidityPeriod: '8m0s'}. */
  clusterConfiguration?: Record<string, unknown>;
  /** Fields in the place of the lab's own KubeletConfiguration's. */
  kubeletConfiguration?: Record<string, unknown>;
  /** First two numbers of the addresses of nodes, pods and services. Default: 10.87, 10.88, 10.89. */
  networks?: Partial<LabNetworks>;
  /** More EC2 tags for each node. */
  tags?: Record<string, string>;
}

export interface LabNetworks {
  nodes: string;
  pods: string;
  services: string;
}

export interface NodePlan {
  name: string;
  role: NodeRole;
  instanceId: string;
  privateIp: string;
  podNetwork: string;
  machineId: string;
  productUuid: string;
}

/** Everything about a cluster that is decided before anything is done. */
export interface ClusterPlan {
  name: string;
  kubernetesVersion: string;
  networks: LabNetworks;
  /** Of the switch, which is also the load balancer's. */
  gateway: string;
  /** host:port, stable. */
  endpoint: string;
  nodes: NodePlan[];
  tags: Record<string, string>;
  clusterConfiguration: Record<string, unknown>;
  kubeletConfiguration: Record<string, unknown>;
  /** Secrets that nodes join with; they end with the cluster. */
  bootstrapToken: string;
  certificateKey: string;
}

const MAXIMUM = { controlPlanes: 9, workers: 50, etcdMachines: 5 };

export function planCluster(options: LabClusterOptions): ClusterPlan {
  const name = checkedName(options.name ?? 'lab');
  const kubernetesVersion = options.kubernetesVersion ?? DEFAULT_KUBERNETES;
  if (!/^v1\.\d+\.\d+$/.test(kubernetesVersion)) {
    throw new RangeError(
      `Kubernetes version "${kubernetesVersion}": expected a release such as ${DEFAULT_KUBERNETES}.`,
    );
  }
  const networks = { nodes: '10.87', pods: '10.88', services: '10.89', ...options.networks };
  const gateway = `${networks.nodes}.0.1`;
  const nodes = [
    ...planNodes(name, networks, 'control-plane', count('controlPlanes', options.controlPlanes ?? 3, 1)),
    ...planNodes(name, networks, 'worker', count('workers', options.workers ?? 2, 0)),
    ...planNodes(name, networks, 'etcd', count('etcdMachines', options.etcdMachines ?? 0, 0)),
  ];
  return {
    name,
    kubernetesVersion,
    networks,
    gateway,
    endpoint: `api.${name}.internal:6443`,
    nodes,
    tags: options.tags ?? {},
    clusterConfiguration: options.clusterConfiguration ?? {},
    kubeletConfiguration: options.kubeletConfiguration ?? {},
    bootstrapToken: `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`,
    certificateKey: randomBytes(32).toString('hex'),
  };
}

/** The name, which is also that of a folder that gets removed. @throws RangeError when it is none. */
export function checkedName(name: string): string {
  const checked = clusterName.safeParse(name);
  if (!checked.success) throw new RangeError(`Cluster name "${name}" ${checked.error.issues[0]!.message}.`);
  return name;
}

/** How nodes of a role are called, and the last number of their first address. */
const PLACES: Record<NodeRole, [string, number]> = {
  'control-plane': ['cp', 11],
  worker: ['worker', 101],
  etcd: ['etcd', 51],
};

function planNodes(cluster: string, networks: LabNetworks, role: NodeRole, howMany: number): NodePlan[] {
  const [prefix, firstHost] = PLACES[role];
  return Array.from({ length: howMany }, (_, index) => {
    const name = `${prefix}-${index + 1}`;
    const host = firstHost + index;
    const digest = createHash('sha256').update(`${cluster}/${name}`).digest('hex');
    return {
      name,
      role,
      instanceId: `i-0${digest.slice(0, 16)}`,
      privateIp: `${networks.nodes}.0.${host}`,
      podNetwork: `${networks.pods}.${host}.0/24`,
      machineId: digest.slice(16, 48),
      // As EC2 has it: begins with ec2.
      productUuid: `ec2${digest.slice(3, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`,
    };
  });
}

function count(what: keyof typeof MAXIMUM, value: number, minimum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= MAXIMUM[what]) return value;
  throw new RangeError(`${what} is ${value}: expected a whole number from ${minimum} to ${MAXIMUM[what]}.`);
}
