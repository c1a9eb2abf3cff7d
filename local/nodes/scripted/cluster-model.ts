import { createHash, randomBytes } from 'node:crypto';
import { CAS, CA_LIFE_MS, isValid, newCertificate } from './certificates';
import { ConfigurationModel } from './configuration-model';
import { KubernetesModel } from './kubernetes-model';
import type { NodeModel } from './node-model';

/** etcd with a member on each control plane: it works while a majority of them have certificates that the others take. */
class EtcdModel {
  readonly members: NodeModel[] = [];
  leader: NodeModel | undefined;

  /** The first one leads. */
  add(member: NodeModel): void {
    this.members.push(member);
    this.leader ??= member;
  }

  remove(id: string): boolean {
    const gone = this.members.findIndex((member) => this.idOf(member) === id);
    if (gone >= 0) this.handOver(this.members[gone]!);
    return gone >= 0 && this.members.splice(gone, 1).length > 0;
  }

  idOf({ name }: NodeModel): string {
    return createHash('sha256').update(name).digest('hex').slice(0, 16);
  }

  works(node: NodeModel): boolean {
    const { members } = this;
    const up = members.filter((member) => this.isUp(member));
    return up.includes(node) && up.length > members.length / 2;
  }

  moveLeader(name: string): void {
    this.leader = this.members.find((member) => member.name === name);
  }

  /** Before its member restarts, the leader lets another one lead, where there is one. */
  handOver(node: NodeModel): void {
    if (this.leader !== node) return;
    this.leader = this.members.find((member) => member !== node && this.isUp(member)) ?? node;
  }

  private isUp({ isOn, loaded }: NodeModel): boolean {
    return isOn && isValid(loaded.get('etcd-server')) && isValid(loaded.get('etcd-peer'));
  }
}

/** A kubeadm cluster in memory. Dates are by the time of day, as those of Lambda functions. */
export class ClusterModel<Node extends NodeModel = NodeModel> {
  readonly kubernetes: KubernetesModel;
  readonly configuration: ConfigurationModel;
  readonly caHash = randomBytes(32).toString('hex');
  readonly cas = new Map(CAS.map(({ name }) => [name, newCertificate(CA_LIFE_MS)]));
  readonly nodes: Node[] = [];
  readonly etcd = new EtcdModel();
  /** That of a machine with the role etcd, once it runs; and the certificates of its clients, by name. */
  externalEtcd?: { machine: NodeModel; clients: Map<string, string> };
  /** Its API servers know the bootstrap token. */
  knowsToken = false;
  /** Nodes on which there is a pod that tries the network. */
  probed: NodeModel[] = [];

  constructor(version: string) {
    this.kubernetes = new KubernetesModel(version);
    this.configuration = new ConfigurationModel(version);
  }

  add(node: Node): void {
    this.nodes.push(node);
    if (node.role === 'control-plane') this.etcd.add(node);
  }

  /** It becomes a node, with a member of etcd where it is a control plane. */
  admit(node: NodeModel): void {
    Object.assign(node, { membership: 'joined', nodeObject: 'as-machine' });
    if (node.role === 'control-plane' && !this.etcd.members.includes(node)) this.etcd.add(node);
  }

  get controlPlanes(): Node[] {
    return this.nodes.filter(({ role }) => role === 'control-plane');
  }

  apiServes(node: NodeModel): boolean {
    const { loaded } = node;
    return this.etcd.works(node) && isValid(loaded.get('apiserver')) && isValid(loaded.get('apiserver-etcd-client'));
  }

  get apiWorks(): boolean {
    return this.controlPlanes.some((node) => this.apiServes(node));
  }

  isReady({ isOn, kubeletRuns, certificates, membership }: NodeModel): boolean {
    return isOn && membership === 'joined' && kubeletRuns && isValid(certificates.get('kubelet-client'));
  }

  /** What kubectl lists. */
  get joined(): Node[] {
    return this.nodes
      .filter(({ role }) => role !== 'etcd')
      .filter(({ membership, nodeObject }) =>
        nodeObject === 'as-machine' ? membership === 'joined' : nodeObject === 'stays',
      );
  }

  /** Names of the nodes that are not Ready. */
  get notReady(): string[] {
    return this.joined.filter((node) => !this.isReady(node)).map(({ name }) => name);
  }
}
