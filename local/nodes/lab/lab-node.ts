import { readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CLUSTER_TAG, ROLE_TAG } from '../../../lambdas/contracts/cluster-config';
import { OLDEST_AGENT } from '../../../lambdas/contracts/run-on-nodes';
import type { NodeRole } from '../../../lambdas/contracts/node';
import type { Node, ScriptOutcome, ScriptRun, WayToAws } from '../node';
import type { ClusterPlan, NodePlan } from './cluster-plan';
import { hostScript, runCommand, runHostScript, startInBackground } from './host-script';
import type { CommandOptions, CommandOutput } from './host-script';
import { networkNamespaceFile } from './network-namespace';
import { runScriptInNode } from './run-script-in-node';
import { wayToAws } from './way-to-aws';

const BOOT_LIMIT_MS = 60_000;

/** A machine of a lab cluster: namespaces of this Linux with a real containerd and kubelet in them. */
export class LabNode implements Node {
  readonly instanceId: string;
  readonly name: string;
  readonly role: NodeRole;
  readonly privateIp: string;
  readonly tags: Record<string, string>;
  /** There is no agent: what the local SSM does, the oldest supported agent does. */
  readonly agentVersion = OLDEST_AGENT;
  readonly wayToAws: WayToAws;
  /** Aborted when the power goes, for the scripts that run then. */
  private powerOffs = new AbortController();
  /** It has been told to reboot and has not come up again. */
  private isRebooting = false;

  constructor(
    private readonly cluster: ClusterPlan,
    readonly plan: NodePlan,
    private readonly clusterFolder: string,
    /** Read-only folders below the node's own disk, topmost first. */
    private readonly layers: string[],
  ) {
    ({ instanceId: this.instanceId, name: this.name, role: this.role, privateIp: this.privateIp } = plan);
    this.wayToAws = wayToAws(cluster, clusterFolder);
    this.tags = { [CLUSTER_TAG]: cluster.name, [ROLE_TAG]: plan.role, ...cluster.tags };
  }

  /** Not while it reboots: the agent is one of the first services to end and tells nobody how the scripts on its node ended. */
  get isOn(): boolean {
    return this.process !== undefined && !this.isRebooting;
  }

  /** Pid of the node's init as this machine sees it. A pid alone could be another process by now: it must be in the node's network namespace. */
  private get process(): number | undefined {
    try {
      const pid = Number(readFileSync(join(this.disk, 'pid'), 'utf8'));
      const own = statSync(networkNamespaceFile(this.cluster.name, this.name)).ino;
      return statSync(`/proc/${pid}/ns/net`).ino === own ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  private get disk(): string {
    return join(this.clusterFolder, 'nodes', this.name);
  }

  /** What is at `path` on the running node, as this machine sees it. */
  private fileOnNode(path: string): string {
    const { process } = this;
    if (process === undefined) throw new Error(`${this.name} is off: power it on first.`);
    return `/proc/${process}/root${path}`;
  }

  /** A command line that runs `command` inside, for who wants to start it himself. */
  commandInside(command: string[]): string[] {
    return [hostScript('node-enter'), this.clusterFolder, this.cluster.name, this.name, ...command];
  }

  /** Runs a command inside as a system service would be run (no HOME); rejects unless it ends with 0. */
  exec(command: string[], options?: CommandOptions): Promise<CommandOutput> {
    return runCommand(this.commandInside(command), options);
  }

  /** HOME is not set, as under the real agent. Rejects when the node is off. */
  run(run: ScriptRun): Promise<ScriptOutcome> {
    return runScriptInNode(this, (path) => this.fileOnNode(path), run, this.powerOffs.signal);
  }

  async readFile(path: string): Promise<string> {
    return readFile(this.fileOnNode(path), 'utf8');
  }

  async writeFile(path: string, content: string, mode = 0o600): Promise<void> {
    const file = this.fileOnNode(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { mode });
  }

  /** Network namespace and disk, still off. `imageStore`: what containerd is to begin with; nothing when it is absent. */
  async create(imageStore = ''): Promise<void> {
    const { name, privateIp, podNetwork } = this.plan;
    const { gateway } = this.cluster;
    const args = [this.clusterFolder, this.cluster.name, name, `${privateIp}/24`, gateway, podNetwork, imageStore];
    await runHostScript('node-create', args);
  }

  /** Resolves when its enabled services have been started. */
  async powerOn(): Promise<void> {
    if (this.process !== undefined) return;
    if (!exists(networkNamespaceFile(this.cluster.name, this.name))) {
      throw new Error(
        `Lab cluster ${this.cluster.name} has ended, as when this machine restarts: make it again with "up --name ${this.cluster.name}".`,
      );
    }
    const inNamespace = ['nsenter', `--net=${networkNamespaceFile(this.cluster.name, this.name)}`];
    const nodeRun = [hostScript('node-run'), this.clusterFolder, this.cluster.name, this.name, this.layers.join(':')];
    const console = join(this.disk, 'console.log');
    startInBackground([...inNamespace, ...nodeRun], console);
    await this.booted(console);
  }

  /** In order, as a stopped instance: services end, then everything else. */
  async powerOff(): Promise<void> {
    this.powerOffs.abort();
    this.powerOffs = new AbortController();
    await runHostScript('node-stop', [this.clusterFolder, this.cluster.name, this.name]);
  }

  /** At once, as when a host dies. */
  async cutPower(): Promise<void> {
    this.powerOffs.abort();
    this.powerOffs = new AbortController();
    await runHostScript('node-stop', [this.clusterFolder, this.cluster.name, this.name, 'now']);
  }

  /** In order: its init ends the services, then everything else, also scripts that run on it. */
  async reboot(): Promise<void> {
    const before = this.process;
    if (before === undefined) throw new Error(`${this.name} is off: start it.`);
    this.isRebooting = true;
    try {
      await this.exec(['systemctl', 'reboot']);
      if (!(await waitFor(BOOT_LIMIT_MS, () => this.process !== undefined && this.process !== before)))
        throw new Error(`${this.name} did not restart within ${BOOT_LIMIT_MS / 1000} s.`);
      await this.booted(join(this.disk, 'console.log'));
    } finally {
      this.isRebooting = false;
    }
  }

  private async booted(console: string): Promise<void> {
    const up = await waitFor(BOOT_LIMIT_MS, () => exists(this.fileOnNode('/run/lab-init/booted')));
    if (up) return;
    const said = await readFile(console, 'utf8').catch(() => '');
    throw new Error(
      `${this.name} did not come up within ${BOOT_LIMIT_MS / 1000} s: ${said.trim() || 'it said nothing.'}`,
    );
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

async function waitFor(limitMs: number, condition: () => boolean): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    try {
      if (condition()) return true;
    } catch {
      // It went off between two looks at it.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
