import { X509Certificate, createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterGuard } from './cluster-guard';
import { checkedName, planCluster } from './cluster-plan';
import type { ClusterPlan, LabClusterOptions } from './cluster-plan';
import { CommandFailed, runHostScript } from './host-script';
import type { CommandOutput } from './host-script';
import { checkHost, hasCgroupV1 } from './check-host';
import { caCertPath, initConfiguration, joinConfiguration, refusesCgroupV1 } from './kubeadm-configuration';
import { buildLab } from './lab-build';
import type { LabBuild } from './lab-build';
import { defaultLabFolder } from './lab-folder';
import { LabNode } from './lab-node';
import { LabTargetGroup } from './lab-target-group';
import { LoadBalancer } from './load-balancer';
import { runningClusters } from './network-namespace';
import { writeNodeFiles } from './node-files';
import { servePackages } from './package-repository';

export interface UpOptions extends LabClusterOptions {
  /** Builds and clusters are kept here. Default: see lab-folder.ts. */
  folder?: string;
  /** Removed as soon as this process has ended, however it ended. Default: true. */
  endWithOwner?: boolean;
  /** What failed to come up stays for looking at it, until the next `up` or `down`. Default: false. */
  keepFailed?: boolean;
  /** false: nodes that are on and have Kubernetes installed, each by itself, without container images. Default: true. */
  createCluster?: boolean;
  /**
   * Nodes that are on and have containerd and the container images, and nothing of Kubernetes, so that somebody else makes the cluster. Default:
   * false.
   */
  bare?: boolean;
  /** Other versions whose packages are built, so that nodes can install them; that of the cluster is always there. */
  packagesOf?: string[];
  /** Other versions that the cluster can be upgraded to: built whole, so that nodes have their images as well as their packages. */
  imagesOf?: string[];
  onProgress?(what: string): void;
}

const READY_LIMIT = '180s';
/** containerd tells its init that it is ready, and for a moment answers "server is not initialized yet". */
const CONTAINERD_ANSWERS =
  'for _ in $(seq 300); do crictl version && exit; sleep 0.1; done >/dev/null 2>&1; crictl version';
const ADMIN = '--kubeconfig=/etc/kubernetes/admin.conf';

/** A real kubeadm cluster in namespaces of this Linux. */
export class LabCluster {
  readonly nodes: LabNode[];
  readonly loadBalancer: LoadBalancer;
  /** The load balancer as AWS shows it. */
  readonly targetGroup: LabTargetGroup;

  private constructor(
    readonly plan: ClusterPlan,
    readonly build: LabBuild,
    private readonly folder: string,
    private guard?: ClusterGuard,
  ) {
    const layers = [...(build.layer ? [build.layer] : []), build.nodeImage];
    this.nodes = plan.nodes.map((node) => new LabNode(plan, node, folder, layers));
    this.loadBalancer = new LoadBalancer(plan, folder);
    this.targetGroup = new LabTargetGroup(plan, this.loadBalancer);
  }

  /** Builds what is missing, removes a cluster of the same name, and resolves when every node is Ready and CoreDNS answers. */
  static async up(options: UpOptions = {}): Promise<LabCluster> {
    const { folder = defaultLabFolder(), endWithOwner = true, bare = false, packagesOf, imagesOf } = options;
    const { createCluster = !bare } = options;
    const { onProgress = () => undefined } = options;
    const plan = planCluster(options);
    if (createCluster && options.etcdMachines)
      throw new RangeError('etcdMachines: expected together with bare, because the lab starts etcd on control planes.');
    checkHost(folder);
    const build = await buildLab(folder, plan.kubernetesVersion, {
      packagesOnly: !createCluster && !bare,
      packagesOf,
      imagesOf,
      onProgress,
    });
    const clusterFolder = join(folder, 'clusters', plan.name);
    await runHostScript('cluster-destroy', [clusterFolder, plan.name]);
    await mkdir(clusterFolder, { recursive: true, mode: 0o700 });
    const { layer, ...withoutLayer } = build;
    const cluster = new LabCluster(
      plan,
      { ...withoutLayer, ...(!bare && { layer }) },
      clusterFolder,
      new ClusterGuard(clusterFolder, plan.name),
    );
    try {
      await writeFile(join(clusterFolder, 'cluster.json'), JSON.stringify({ plan, build: cluster.build }), {
        mode: 0o600,
      });
      await cluster.createMachines(onProgress);
      if (createCluster) await cluster.createWithKubeadm(onProgress);
    } catch (error) {
      if (options.keepFailed) cluster.keep();
      else await cluster.down();
      throw error;
    }
    if (!endWithOwner) cluster.keep();
    return cluster;
  }

  /** A cluster that is up already. */
  static async open(name: string, folder = defaultLabFolder()): Promise<LabCluster> {
    const clusterFolder = join(folder, 'clusters', checkedName(name));
    const file = join(clusterFolder, 'cluster.json');
    if (!existsSync(file)) {
      const names = await LabCluster.names(folder);
      if (names.includes(name)) throw damaged(name);
      throw new RangeError(
        `There is no lab cluster "${name}": there ${names.length ? `is ${names.join(', ')}` : 'is none; "up" makes one'}.`,
      );
    }
    try {
      const { plan, build } = JSON.parse(await readFile(file, 'utf8')) as { plan: ClusterPlan; build: LabBuild };
      return new LabCluster(plan, build, clusterFolder);
    } catch {
      throw damaged(name);
    }
  }

  /** Of those clusters and of any others that run on this machine. */
  static async allNames(folder = defaultLabFolder()): Promise<string[]> {
    return [...new Set([...(await LabCluster.names(folder)), ...(await runningClusters())])].sort();
  }

  /** Of all clusters whose files are in the folder. */
  static async names(folder = defaultLabFolder()): Promise<string[]> {
    return readdir(join(folder, 'clusters')).catch(() => []);
  }

  /**
   * Removes whatever there is of a cluster of this name, also what runs although its files are in another folder.
   * @returns whether there was anything
   */
  static async remove(name: string, folder = defaultLabFolder()): Promise<boolean> {
    const clusterFolder = join(folder, 'clusters', checkedName(name));
    const wasThere = existsSync(clusterFolder) || (await runningClusters()).includes(name);
    await runHostScript('cluster-destroy', [clusterFolder, name]);
    return wasThere;
  }

  get name(): string {
    return this.plan.name;
  }

  get controlPlanes(): LabNode[] {
    return this.nodes.filter(({ role }) => role === 'control-plane');
  }

  node(name: string): LabNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found)
      throw new RangeError(`No node is called ${name}: there are ${this.nodes.map((n) => n.name).join(', ')}.`);
    return found;
  }

  /** kubectl on the first control plane that is on, as the cluster's administrator; what it printed. */
  async kubectl(...args: string[]): Promise<string> {
    const { controlPlanes } = this;
    const node = controlPlanes.find(({ isOn }) => isOn) ?? controlPlanes[0]!;
    return (await node.exec(['kubectl', ADMIN, ...args])).stdout;
  }

  async down(): Promise<void> {
    await LabCluster.remove(this.plan.name, join(this.folder, '..', '..'));
    this.keep();
  }

  /** The cluster may outlive this process. */
  private keep(): void {
    this.guard?.release();
    this.guard = undefined;
  }

  private async createMachines(onProgress: (what: string) => void): Promise<void> {
    onProgress(`starting ${this.nodes.length} nodes and the load balancer`);
    await runHostScript('network-create', [this.plan.name, `${this.plan.gateway}/24`]);
    await servePackages(this.plan, this.build, this.folder);
    await this.loadBalancer.start();
    for (const node of this.nodes) {
      await writeNodeFiles(this.plan, node.plan, join(this.folder, 'nodes', node.name));
      await node.create(this.build.imageStore);
      await node.powerOn();
    }
  }

  /** From machines that have Kubernetes installed to every node Ready, with the commands that a person would use. */
  async createWithKubeadm(onProgress: (what: string) => void = () => undefined): Promise<void> {
    const [first, ...otherControlPlanes] = this.controlPlanes;
    const cgroupV1 = hasCgroupV1();
    if (cgroupV1 && refusesCgroupV1(this.plan)) {
      onProgress(
        `this machine has cgroup v1, which Kubernetes ${this.plan.kubernetesVersion} refuses: failCgroupV1 is false, and kubeadm skips SystemVerification`,
      );
    }
    onProgress(`${first!.name}: kubeadm init, Kubernetes ${this.plan.kubernetesVersion}`);
    await kubeadm(first!, 'init', initConfiguration(this.plan, first!.plan, cgroupV1), '--upload-certs');

    const hash = caHash(await first!.readFile(caCertPath(this.plan)));
    const join = async (node: LabNode): Promise<void> => {
      onProgress(`${node.name}: kubeadm join as ${node.role}`);
      await kubeadm(node, 'join', joinConfiguration(this.plan, node.plan, hash, cgroupV1));
    };
    // etcd takes one new member at a time; workers need not wait for that.
    await Promise.all([
      inTurn(otherControlPlanes, join),
      inTurn(
        this.nodes.filter(({ role }) => role === 'worker'),
        join,
      ),
    ]);

    onProgress('waiting for every node to be Ready and for CoreDNS');
    await this.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', `--timeout=${READY_LIMIT}`);
    for (const workload of ['deployment/coredns', 'daemonset/kube-proxy']) {
      await this.kubectl('-n', 'kube-system', 'rollout', 'status', workload, `--timeout=${READY_LIMIT}`);
    }
  }
}

/** `kubeadm init` or `join`; its output is kept on the node in /var/log/kubeadm-<verb>.log, also when it fails. */
async function kubeadm(
  node: LabNode,
  verb: 'init' | 'join',
  configuration: string,
  ...options: string[]
): Promise<void> {
  const file = `/run/kubeadm-${verb}.yaml`; // with secrets: not on a disk
  await node.writeFile(file, configuration);
  await node.exec(['sh', '-c', CONTAINERD_ANSWERS]);
  const keep = ({ stdout, stderr }: CommandOutput): Promise<void> =>
    node.writeFile(`/var/log/kubeadm-${verb}.log`, stdout + stderr);
  try {
    await keep(await node.exec(['kubeadm', verb, '--config', file, ...options]));
  } catch (error) {
    if (error instanceof CommandFailed) await keep(error.output);
    throw error;
  }
}

const damaged = (name: string): Error =>
  new Error(`Lab cluster "${name}" is damaged: remove it with "down --name ${name}".`);

/** sha256 of the public key, as --discovery-token-ca-cert-hash wants it. */
function caHash(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex');
}

async function inTurn(nodes: LabNode[], act: (node: LabNode) => Promise<void>): Promise<void> {
  for (const node of nodes) await act(node);
}
