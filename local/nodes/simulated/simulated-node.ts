import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeRole } from '../../../lambdas/contracts/node';
import type { Node, ScriptOutcome, ScriptRun } from '../node';
import { coverHostTool, nodePath } from './install-stand-ins';
import { Machine } from './machine/machine';
import type { ClusterView, NodeView, Reloads } from './machine/component';
import type { KubeletTiming } from './machine/kubelet-timing';
import { runScript } from './run-script';
import type { RunningScript } from './run-script';

export interface SimulatedNodeOptions {
  /** The node's folder: what a real node has at / is below it. */
  root: string;
  name: string;
  privateIp: string;
  role: NodeRole;
  /** v1.34.4 */
  kubernetesVersion: string;
  cluster: ClusterView;
  tags: Record<string, string>;
  agentVersion: string;
  reloads: Reloads;
  timing: KubeletTiming;
}

/** A tool that a test wants to fail; see stand-ins/README.md. */
export interface ToolFault {
  tool: string;
  /** Shell pattern for the arguments, joined by single spaces; default: any. */
  arguments?: string;
  /** An exit code, or: hang, kill-group; `after:N` runs the tool first and then exits with N. */
  action: number | 'hang' | 'kill-group' | `after:${number}`;
  stderr?: string;
  stdout?: string;
  /** Only the n-th call that matches; default: each. */
  call?: number;
}

/** A machine of a simulated cluster: a folder, real certificates, stand-ins for its tools, and listeners on 127.0.0.1. */
export class SimulatedNode implements Node {
  readonly instanceId = `i-0${randomBytes(8).toString('hex')}`;
  readonly name: string;
  readonly privateIp: string;
  readonly role: NodeRole;
  readonly root: string;
  readonly tags: Record<string, string>;
  readonly agentVersion: string;
  private machine?: Machine;
  private readonly scripts = new Set<RunningScript>();

  constructor(private readonly options: SimulatedNodeOptions) {
    ({
      name: this.name,
      privateIp: this.privateIp,
      role: this.role,
      root: this.root,
      tags: this.tags,
      agentVersion: this.agentVersion,
    } = options);
  }

  get isOn(): boolean {
    return this.machine !== undefined;
  }

  /** Its containers have been started since it was powered on. */
  get isSettled(): boolean {
    return this.machine?.kubelet.isSettled ?? true;
  }

  /** PATH of everything that runs on it. */
  get path(): string {
    return nodePath(this.root);
  }

  /** Its row of `kubectl get nodes`. */
  get view(): NodeView {
    return {
      name: this.name,
      ready: this.machine?.kubelet.isReady ?? false,
      roles: this.role === 'control-plane' ? 'control-plane' : '<none>',
      version: this.options.kubernetesVersion,
    };
  }

  /** HOME is not set, as under the real agent. Rejects when the node is off. */
  async run(run: ScriptRun): Promise<ScriptOutcome> {
    if (!this.isOn) throw new Error(`${this.name} is off: power it on before you run a script on it.`);
    const folder = join(this.root, 'var', 'lib', 'amazon', 'ssm');
    mkdirSync(folder, { recursive: true });
    const environment = { PATH: this.path, LANG: 'C.UTF-8', ...run.env, NODE_ROOT: this.root };
    const script = runScript(folder, environment, { ...run, ...this.workingDirectory(run) });
    this.scripts.add(script);
    return script.outcome.finally(() => this.scripts.delete(script));
  }

  private workingDirectory({ workingDirectory: path }: ScriptRun): Pick<ScriptRun, 'workingDirectory'> {
    if (path === undefined) return {};
    const workingDirectory = join(this.root, path);
    if (!existsSync(workingDirectory)) throw new Error(`chdir ${path}: no such file or directory`);
    return { workingDirectory };
  }

  async powerOff(): Promise<void> {
    const { machine } = this;
    this.machine = undefined;
    for (const script of this.scripts) script.kill('power-off');
    await Promise.all([...this.scripts].map((script) => script.outcome.catch(() => undefined)));
    await machine?.stop();
  }

  /** as-running: its kubelet runs as it has for long, although its certificate may have run out since; a boot needs a valid one. */
  async powerOn(how: 'boot' | 'as-running' = 'boot'): Promise<void> {
    if (this.machine) return;
    const { root, name, privateIp, cluster, reloads, timing } = this.options;
    this.machine = new Machine({ root, node: { name, privateIp }, cluster, reloads, timing });
    await this.machine.start(how);
  }

  /** `systemctl stop kubelet`: its containers go on. */
  async stopKubelet(): Promise<void> {
    await this.machine?.kubelet.stop();
  }

  /** Ids of the running containers, by component. */
  get containers(): Record<string, string> {
    const running = this.machine?.containerd.listContainers().filter(({ state }) => state === 'Running') ?? [];
    return Object.fromEntries(running.map(({ name, id }) => [name, id]));
  }

  /** Calls of the node's tools since its beginning: `tool argument argument`. */
  get calls(): string[] {
    try {
      return readFileSync(join(this.root, 'calls.log'), 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  }

  addFault({ tool, arguments: pattern = '*', action, stderr = '', stdout = '', call }: ToolFault): void {
    coverHostTool(this.root, tool);
    mkdirSync(join(this.root, 'faults'), { recursive: true });
    const fields = [pattern, action, stderr || '-', call ?? '-', stdout || '-'];
    appendFileSync(join(this.root, 'faults', tool), `${fields.join('\t')}\n`);
  }

  /** Takes effect when the component starts the next time. */
  addComponentFault(component: string, fault: 'never-starts' | 'crashes' | 'not-ready'): void {
    mkdirSync(join(this.root, 'faults'), { recursive: true });
    appendFileSync(join(this.root, 'faults', 'components'), `${component}\t${fault}\n`);
  }
}
