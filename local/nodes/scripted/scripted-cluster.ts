import { randomBytes } from 'node:crypto';
import type { NodeRole } from '../../../lambdas/contracts/node';
import type { Clock } from '../../clock';
import type { Certificate } from './certificates';
import { CAS, CA_LIFE_MS, KUBEADMS, KUBELETS, isValid, newCertificate } from './certificates';
import { ScriptedEtcd } from './scripted-etcd';
import type { StepCall, StepInterceptor } from './scripted-node';
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
  /** Of every certificate but the CAs' (negative: expired). */
  leafSeconds: number;
  /** Seconds that a certificate has left instead; undefined: as the others. */
  validity?(node: string, certificate: string): { notAfter: number } | undefined;
  /** Nodes whose kubelet does not run. */
  stopped?: string[];
  /** false: the endpoint is none of AWS's load balancers, so there is no target group. */
  loadBalancer?: false;
  /** More EC2 tags for each node. */
  tags?: Record<string, string>;
  /** Version of the SSM agent that the nodes report. */
  agentVersion?: string;
}

/** A kubeadm cluster in memory: as much of it as the state machines read. Dates are by the time of day, as those of Lambda functions. */
export class ScriptedCluster {
  readonly name: string;
  readonly kubernetesVersion = 'v1.34.4';
  readonly caFingerprint = randomBytes(32).toString('hex').toUpperCase();
  readonly cas = new Map(CAS.map(({ name }) => [name, newCertificate(CA_LIFE_MS)]));
  readonly nodes: ScriptedNode[] = [];
  readonly etcd: ScriptedEtcd;
  readonly targetGroup?: ScriptedTargetGroup;
  /** Its API servers know the bootstrap token. */
  knowsToken = false;
  onStep?: StepInterceptor | undefined;
  /** How long a script takes, on the clock; one that takes as long as its time limit is killed. */
  secondsOf: (call: StepCall) => number = () => 1;

  constructor(private readonly options: ScriptedClusterOptions) {
    this.name = options.name;
    const { controlPlanes = 3, workers = 0, stopped = [] } = options;
    for (let index = 0; index < controlPlanes; index++) this.add('control-plane', 'cp', index);
    for (let index = 0; index < workers; index++) this.add('worker', 'worker', index);
    this.etcd = new ScriptedEtcd(this.controlPlanes);
    for (const name of stopped) this.node(name).kubeletRuns = false;
    if (options.loadBalancer !== false) {
      const ids = this.controlPlanes.map(({ instanceId }) => instanceId);
      this.targetGroup = new ScriptedTargetGroup(this.name, ids, options.clock);
    }
  }

  node(name: string): ScriptedNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found)
      throw new RangeError(`No node is called ${name}: there are ${this.nodes.map((node) => node.name).join(', ')}.`);
    return found;
  }

  get controlPlanes(): ScriptedNode[] {
    return this.nodes.filter(({ role }) => role === 'control-plane');
  }

  apiServes(node: ScriptedNode): boolean {
    const { loaded } = node;
    return this.etcd.works(node) && isValid(loaded.get('apiserver')) && isValid(loaded.get('apiserver-etcd-client'));
  }

  get apiWorks(): boolean {
    return this.controlPlanes.some((node) => this.apiServes(node));
  }

  /** Names of the nodes that are not Ready. */
  get notReady(): string[] {
    const isReady = ({ isOn, kubeletRuns, certificates }: ScriptedNode): boolean =>
      isOn && kubeletRuns && isValid(certificates.get('kubelet-client'));
    return this.nodes.filter((node) => !isReady(node)).map(({ name }) => name);
  }

  private add(role: NodeRole, prefix: string, index: number): void {
    const { tags, agentVersion = '3.3.4624.0', clock } = this.options;
    const name = `${prefix}-${index + 1}`;
    const node = {
      name,
      role,
      privateIp: `10.0.${role === 'worker' ? 2 : 1}.${11 + index}`,
      tags: { 'kubeadm-autopilot:cluster': this.name, 'kubeadm-autopilot:role': role, ...tags },
      agentVersion,
      certificates: this.certificatesOf(name, role, index === 0),
      clock,
    };
    this.nodes.push(new ScriptedNode(node, this));
  }

  private certificatesOf(node: string, role: NodeRole, isFirst: boolean): Map<string, Certificate> {
    const { leafSeconds, validity } = this.options;
    const names = [...(role === 'control-plane' ? KUBEADMS : []), ...KUBELETS]
      .map(({ name }) => name)
      // kubeadm init makes it, kubeadm join does not.
      .filter((name) => isFirst || name !== 'super-admin.conf');
    return new Map(
      names.map((name) => [name, newCertificate(1000 * (validity?.(node, name)?.notAfter ?? leafSeconds))]),
    );
  }
}
