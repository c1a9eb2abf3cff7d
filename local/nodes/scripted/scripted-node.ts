import { randomBytes } from 'node:crypto';
import type { NodeRole } from '../../../lambdas/contracts/node';
import type { Clock } from '../../clock';
import type { Node, ScriptOutcome, ScriptRun } from '../node';
import { answerStep } from './answers/answer-step';
import type { Certificate, Component } from './certificates';
import { COMPONENTS, COMPONENT_NAMES, KUBEADMS, YEAR_MS, newCertificate } from './certificates';
import { lost, timeLimit } from './outcomes';
import type { ScriptedCluster } from './scripted-cluster';

/** A node step that a node was asked for; parameters as the script finds them, without `SSM_`. */
export interface StepCall {
  node: ScriptedNode;
  step: string;
  parameters: Record<string, string>;
}

/** For tests: wraps what a node does for a step. Time stands still meanwhile; `next` does it, and may be called twice, or not at all. */
export type StepInterceptor = (call: StepCall, next: () => ScriptOutcome) => Promise<ScriptOutcome>;

/** A renewal that began and has not finished. */
export interface OpenRenewal {
  before: Map<string, Certificate>;
  toRestart: Component[];
  backup: string;
}

export interface ScriptedNodeOptions {
  name: string;
  privateIp: string;
  role: NodeRole;
  tags: Record<string, string>;
  agentVersion: string;
  certificates: Map<string, Certificate>;
  clock: Clock;
}

/** A machine that answers node steps by what it remembers: no shell, no files, no real time. */
export class ScriptedNode implements Node {
  readonly instanceId = `i-0${randomBytes(8).toString('hex')}`;
  readonly name: string;
  readonly privateIp: string;
  readonly role: NodeRole;
  readonly tags: Record<string, string>;
  readonly agentVersion: string;
  isOn = true;
  kubeletRuns = true;
  /** Its kubelet has the bootstrap token of a repair. */
  isRejoining = false;
  /** On disk, by name. */
  readonly certificates: Map<string, Certificate>;
  /** What its static pods have loaded, by name. */
  readonly loaded = new Map<string, Certificate>();
  /** Ids of the containers of its static pods. */
  readonly containers: Partial<Record<Component, string>> = {};
  renewalFinished?: Date;
  openRenewal?: OpenRenewal | undefined;
  /** How often kubeadm renewed its files. */
  renewals = 0;
  private readonly clock: Clock;

  constructor(
    options: ScriptedNodeOptions,
    private readonly cluster: ScriptedCluster,
  ) {
    ({ name: this.name, privateIp: this.privateIp, role: this.role, tags: this.tags } = options);
    ({ agentVersion: this.agentVersion, certificates: this.certificates, clock: this.clock } = options);
    if (this.role === 'control-plane') for (const component of COMPONENT_NAMES) this.restart(component);
  }

  /** Of what kubeadm renews, by name. */
  get serials(): Record<string, string> {
    return Object.fromEntries(
      KUBEADMS.flatMap(({ name }) =>
        this.certificates.has(name) ? [[name, this.certificates.get(name)!.serial]] : [],
      ),
    );
  }

  restart(component: Component): void {
    this.containers[component] = randomBytes(32).toString('hex');
    // A certificate that no file holds is made at the start.
    for (const name of COMPONENTS[component])
      this.loaded.set(name, this.certificates.get(name) ?? newCertificate(YEAR_MS));
  }

  /** The script of a node step, whose second line is `readonly NODE_STEP=<name> ...`. */
  async run(run: ScriptRun): Promise<ScriptOutcome> {
    const step = /^readonly NODE_STEP=(\S+)/m.exec(run.script)?.[1];
    if (!step) throw new Error(`${this.name} only knows node steps: the script does not set NODE_STEP.`);
    const parameters = Object.fromEntries(
      Object.entries(run.env).flatMap(([name, value]) => (name.startsWith('SSM_') ? [[name.slice(4), value]] : [])),
    );
    const call = { node: this, step, parameters };
    const seconds = Math.min(this.cluster.secondsOf(call), run.timeLimitSeconds);
    const isCancelled = await this.clock.sleep(seconds * 1000, run.signal).then(
      () => false,
      () => true,
    );
    if (isCancelled) return { ...timeLimit(), ended: 'cancelled' };
    if (!this.isOn) return lost();
    if (seconds === run.timeLimitSeconds) return timeLimit();
    const act = (): ScriptOutcome => answerStep(call, this.cluster);
    const { onStep = async (_call, next) => next() } = this.cluster;
    const outcome = await this.clock.during(onStep(call, act));
    if (!this.isOn) return lost();
    for (const stream of ['stderr', 'stdout'] as const)
      for (const line of outcome[stream].split('\n').slice(0, -1)) run.onOutput?.({ stream, line });
    return outcome;
  }

  async powerOff(): Promise<void> {
    this.isOn = false;
  }

  async powerOn(): Promise<void> {
    this.isOn = true;
  }
}
