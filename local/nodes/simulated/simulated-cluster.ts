import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeRole } from '../../../lambdas/contracts/node';
import { DEFAULT_KUBERNETES } from '../default-kubernetes';
import type { TargetGroup } from '../target-group';
import { ApiTargetGroup } from './api-target-group';
import type { TargetGroupTiming } from './api-target-group';
import { clusterConfiguration } from './files/cluster-configuration';
import type { ClusterSettings } from './files/cluster-configuration';
import { put } from './files/put';
import { writeNodeFiles } from './files/write-node-files';
import { NODE_TOOLS, installStandIns } from './install-stand-ins';
import { LoadBalancer } from './load-balancer';
import { AddressMap } from './machine/address-map';
import type { ClusterView, NodeView, Reloads } from './machine/component';
import { EtcdMembership } from './machine/etcd-membership';
import { FAST } from './machine/kubelet-timing';
import type { KubeletTiming } from './machine/kubelet-timing';
import { ResourceStore } from './machine/resource-store';
import { createClusterPki } from './pki/cluster-pki';
import type { ClusterPkiOptions } from './pki/cluster-pki';
import type { CaName } from './pki/kubeadm-certificates';
import { SimulatedNode } from './simulated-node';

export interface SimulatedClusterOptions extends ClusterPkiOptions {
  /** Each node gets a folder of its name in it. */
  folder: string;
  /** Default: demo. */
  name?: string;
  /** Default: 3. */
  controlPlanes?: number;
  /** Default: 0. */
  workers?: number;
  /** etcd on nodes of its own instead of on the control planes. Default: 0. */
  etcdNodes?: number;
  /** Default: DEFAULT_KUBERNETES. */
  kubernetesVersion?: string;
  /** false: the nodes have no kubeadm. */
  kubeadm?: boolean;
  /** CAs whose key is kept elsewhere. */
  externalCas?: CaName[];
  /** Of the ClusterConfiguration, a Go duration such as 8m0s: what renewed certificates get. */
  certificateValidityPeriod?: string;
  /**
   * Real API servers serve a renewed certificate after about 30 s and real etcd at once. Off here, so that what is served changes
   * only by a restart and a test need not wait or race.
   */
  reloads?: Reloads;
  timing?: Partial<KubeletTiming>;
  /**
   * Every certificate but the CAs' ran out yesterday, and everything goes on running as it does then: no etcd finds another, no API
   * server reads or writes, no kubelet can log in. `stopped`: nodes whose kubelet does not run; default: the last control plane's.
   */
  dead?: boolean | { stopped: string[] };
  /** Control planes have the ClusterConfiguration that each daily check saves there. Default: that of a dead cluster, no other. */
  checkedBefore?: boolean;
  /** false: the endpoint is none of AWS's load balancers (DNS, kube-vip, a haproxy of one's own), so there is no target group. */
  loadBalancer?: false | Partial<TargetGroupTiming>;
  /** More EC2 tags for each node. */
  tags?: Record<string, string>;
  /** Version of the SSM agent that the nodes report. */
  agentVersion?: string;
}

const DAY = 24 * 3600;

interface Place {
  name: string;
  role: NodeRole;
  privateIp: string;
  first: boolean;
}

/** A kubeadm cluster of simulated nodes that share a PKI, an etcd and a stable endpoint. */
export class SimulatedCluster implements ClusterView {
  readonly nodes: SimulatedNode[] = [];
  readonly addresses = new AddressMap();
  readonly etcd = new EtcdMembership();
  readonly resources = new ResourceStore();
  /** The API servers behind the endpoint, as AWS shows them; absent with `loadBalancer: false`. */
  readonly targetGroup?: TargetGroup;
  private readonly apiServers: ApiTargetGroup;
  private balancer?: LoadBalancer;

  private constructor(
    readonly name: string,
    readonly settings: ClusterSettings,
    private readonly dead: SimulatedClusterOptions['dead'],
    loadBalancer: SimulatedClusterOptions['loadBalancer'],
  ) {
    this.apiServers = new ApiTargetGroup(name, this.addresses, this.nodes, loadBalancer || {});
    if (loadBalancer !== false) this.targetGroup = this.apiServers;
  }

  /** Writes the nodes' files; they are off. */
  static async create(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
    const name = options.name ?? 'demo';
    const places = placesOf(options);
    const etcdPlaces = places.filter(({ role }) => role === (options.etcdNodes ? 'etcd' : 'control-plane'));
    const pki = await createClusterPki(options.dead ? { ...options, leafSeconds: -DAY } : options);
    const settings: ClusterSettings = {
      clusterName: name,
      kubernetesVersion: options.kubernetesVersion ?? DEFAULT_KUBERNETES,
      controlPlaneEndpoint: `api.${name}.internal:6443`,
      encryptionAlgorithm: pki.algorithm,
      certificateValidityPeriod: options.certificateValidityPeriod,
      externalEtcdEndpoints: options.etcdNodes
        ? etcdPlaces.map(({ privateIp }) => `https://${privateIp}:2379`)
        : undefined,
    };
    const cluster = new SimulatedCluster(name, settings, options.dead, options.loadBalancer);
    for (const { name: member, privateIp } of etcdPlaces) cluster.etcd.add(member, privateIp);
    await Promise.all(
      places.map((place) => {
        const position = etcdPlaces.indexOf(place);
        const members = cluster.etcd.members.slice(0, position + 1).map((each) => `${each.name}=${each.peerUrl}`);
        return writeNodeFiles({
          root: join(options.folder, place.name),
          node: {
            nodeName: place.name,
            privateIp: place.privateIp,
            controlPlaneEndpoint: cluster.settings.controlPlaneEndpoint.split(':')[0]!,
          },
          role: place.role,
          first: place.first,
          initialCluster: members,
          settings: cluster.settings,
          pki,
          externalCas: options.externalCas ?? [],
        });
      }),
    );
    for (const place of places) cluster.addNode(place, options);
    if (options.checkedBefore ?? Boolean(options.dead)) cluster.saveConfiguration();
    return cluster;
  }

  /** Powers all nodes on and opens the stable endpoint; resolves when the kubelets have started their static pods. */
  async start(): Promise<void> {
    const controlPlanes = this.nodes.filter(({ role }) => role === 'control-plane');
    for (const { instanceId } of controlPlanes) await this.apiServers.register(instanceId, this.apiServers.port);
    this.balancer = new LoadBalancer(this.addresses, this.apiServers);
    this.addresses.set(this.settings.controlPlaneEndpoint, await this.balancer.start());
    await Promise.all(this.nodes.map((node) => node.powerOn(this.dead ? 'as-running' : 'boot')));
    for (let attempt = 0; attempt < 500 && !this.nodes.every(({ isSettled }) => isSettled); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.dead) await Promise.all(this.stoppedKubelets.map((name) => this.node(name).stopKubelet()));
  }

  private get stoppedKubelets(): string[] {
    if (typeof this.dead === 'object') return this.dead.stopped;
    return this.nodes
      .filter(({ role }) => role === 'control-plane')
      .slice(-1)
      .map(({ name }) => name);
  }

  /** Powers all nodes off; nothing of the cluster runs any more, its folder stays. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.powerOff()));
    await this.balancer?.stop();
    this.balancer = undefined;
  }

  node(name: string): SimulatedNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found)
      throw new RangeError(`No node is called ${name}: there are ${this.nodes.map((n) => n.name).join(', ')}.`);
    return found;
  }

  nodeViews(): NodeView[] {
    return this.nodes.filter(({ role }) => role !== 'etcd').map(({ view }) => view);
  }

  get clusterConfiguration(): string {
    return clusterConfiguration(this.settings);
  }

  /** As scripts/lib/kubeadm/kubeadm.sh keeps it. */
  private saveConfiguration(): void {
    for (const { role, root } of this.nodes)
      if (role === 'control-plane')
        put(root, '/var/lib/kubeadm-autopilot/cluster-configuration.yaml', `${this.clusterConfiguration}\n`);
  }

  private addNode(place: Place, options: SimulatedClusterOptions): void {
    const root = join(options.folder, place.name);
    const { kubernetesVersion } = this.settings;
    put(root, '/etc/simulated-node', `NODE_NAME=${place.name}\nKUBERNETES_VERSION=${kubernetesVersion}\n`, 0o644);
    mkdirSync(join(root, 'var', 'lib', 'etcd'), { recursive: true });
    installStandIns(
      root,
      NODE_TOOLS.filter((tool) => tool !== 'kubeadm' || options.kubeadm !== false),
    );
    this.nodes.push(
      new SimulatedNode({
        root,
        name: place.name,
        privateIp: place.privateIp,
        role: place.role,
        kubernetesVersion,
        cluster: this,
        tags: { 'kubeadm-autopilot:cluster': this.name, 'kubeadm-autopilot:role': place.role, ...options.tags },
        agentVersion: options.agentVersion ?? '3.3.4624.0',
        reloads: options.reloads ?? {},
        timing: { ...FAST, ...options.timing },
      }),
    );
  }
}

function placesOf({ controlPlanes = 3, workers = 0, etcdNodes = 0 }: SimulatedClusterOptions): Place[] {
  const kind = (prefix: string, role: NodeRole, count: number, firstHost: number): Place[] =>
    Array.from({ length: count }, (_, index) => ({
      name: `${prefix}-${index + 1}`,
      role,
      privateIp: `10.0.${firstHost}.${11 + index}`,
      first: index === 0,
    }));
  return [
    ...kind('cp', 'control-plane', controlPlanes, 1),
    ...kind('worker', 'worker', workers, 2),
    ...kind('etcd', 'etcd', etcdNodes, 3),
  ];
}
