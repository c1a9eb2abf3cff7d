import type { NodeRole } from '../../../lambdas/contracts/node';
import type { Clock } from '../../clock';
import type { Certificate } from './certificates';
import { KUBEADMS, KUBELETS, newCertificate } from './certificates';
import { ClusterModel } from './cluster-model';
import type { StepInterceptor, Surroundings } from './scripted-node';
import { ScriptedNode } from './scripted-node';
import { ScriptedTargetGroup } from './scripted-target-group';

export interface ScriptedClusterOptions {
  name: string;
  /** Scripts take their time on it, and targets become healthy. */
  clock: Clock;
  /** Default: 3. */
  controlPlanes?: number;
  /** Default: 0. */
  workers?: number;
  /** Machines of role etcd: only of bare machines. Default: 0. */
  etcdMachines?: number;
  /** Of Kubernetes; default: 1.34.4. */
  version?: string;
  /** Names of the workers' groups, one worker after the other; default: none has a group. */
  groups?: string[];
  /** Of every certificate but the CAs' (negative: expired). */
  leafSeconds: number;
  /** Seconds that a certificate has left instead; undefined: as the others. */
  validity?(node: string, certificate: string): { notAfter: number } | undefined;
  /** Nodes whose kubelet does not run. */
  stopped?: string[];
  /** Bare machines: nothing of Kubernetes, and nobody is in the target group. */
  bare?: boolean;
  /** false: the endpoint is none of AWS's load balancers, so there is no target group. */
  loadBalancer?: false;
  /** More EC2 tags for each node. */
  tags?: Record<string, string>;
  /** Version of the SSM agent that the nodes report. */
  agentVersion?: string;
}

const DEFAULT_VERSION = '1.34.4';

/** How nodes of a role are called, and the network of the first. */
const PLACES = { 'control-plane': ['cp', 1], worker: ['worker', 2], etcd: ['etcd', 250] } as const;

/** A kubeadm cluster of nodes that answer from memory. */
export class ScriptedCluster extends ClusterModel<ScriptedNode> implements Surroundings {
  readonly name: string;
  readonly clock: Clock;
  readonly targetGroup?: ScriptedTargetGroup;
  onStep?: StepInterceptor | undefined;
  secondsOf: Surroundings['secondsOf'] = () => 1;

  constructor(options: ScriptedClusterOptions) {
    super(options.version ?? DEFAULT_VERSION);
    ({ name: this.name, clock: this.clock } = options);
    const { controlPlanes = 3, workers = 0, etcdMachines = 0, stopped = [] } = options;
    for (let index = 0; index < controlPlanes; index++) this.addNode('control-plane', index, options);
    for (let index = 0; index < workers; index++) this.addNode('worker', index, options);
    for (let index = 0; index < etcdMachines; index++) this.addNode('etcd', index, options);
    for (const name of stopped) this.node(name).kubeletRuns = false;
    if (options.bare) for (const node of this.nodes) Object.assign(node, { membership: 'none', prepared: false });
    if (options.loadBalancer !== false) {
      const ids = options.bare ? [] : this.controlPlanes.map(({ instanceId }) => instanceId);
      this.targetGroup = new ScriptedTargetGroup(this.name, ids, this.clock);
    }
  }

  get model(): this {
    return this;
  }

  node(name: string): ScriptedNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found)
      throw new RangeError(`No node is called ${name}: there are ${this.nodes.map((node) => node.name).join(', ')}.`);
    return found;
  }

  private addNode(role: NodeRole, index: number, options: ScriptedClusterOptions): void {
    const [prefix, network] = PLACES[role];
    const name = `${prefix}-${index + 1}`;
    const group = role === 'worker' ? options.groups?.[index % options.groups.length] : undefined;
    const node = {
      name,
      role,
      privateIp: `10.0.${network + Math.floor(index / 200)}.${11 + (index % 200)}`,
      version: options.version ?? DEFAULT_VERSION,
      tags: {
        'kubeadm-autopilot:cluster': this.name,
        'kubeadm-autopilot:role': role,
        ...(group && { 'kubeadm-autopilot:group': group }),
        ...options.tags,
      },
      agentVersion: options.agentVersion ?? '3.3.4624.0',
      certificates: certificatesOf(name, role, index === 0, options),
    };
    this.add(new ScriptedNode(node, this));
  }
}

function certificatesOf(
  node: string,
  role: NodeRole,
  isFirst: boolean,
  { leafSeconds, validity }: ScriptedClusterOptions,
): Map<string, Certificate> {
  const names = [...(role === 'control-plane' ? KUBEADMS : []), ...KUBELETS]
    .map(({ name }) => name)
    // kubeadm init makes it, kubeadm join does not.
    .filter((name) => isFirst || name !== 'super-admin.conf');
  return new Map(names.map((name) => [name, newCertificate(1000 * (validity?.(node, name)?.notAfter ?? leafSeconds))]));
}
