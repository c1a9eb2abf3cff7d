import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFUSED_PORT } from './address-map';
import type { ClusterView, Reloads } from './component';
import { Containerd } from './containerd';
import { ControlServer } from './control-server';
import { Kubelet } from './kubelet';
import type { KubeletTiming } from './kubelet-timing';

export interface MachineOptions {
  root: string;
  node: { name: string; privateIp: string };
  cluster: ClusterView;
  reloads: Reloads;
  timing: KubeletTiming;
}

/** Ports that belong to Kubernetes: on a simulated node they never mean the real port of this machine. */
const NODE_PORTS = [6443, 2379, 2380, 10250, 10257, 10259];

/** A node from power on to power off: containerd, kubelet, and what the stand-ins need to find them. */
export class Machine {
  readonly kubelet: Kubelet;
  readonly containerd: Containerd;
  private readonly control: ControlServer;
  private stopFollowing: () => void = () => undefined;

  constructor(private readonly options: MachineOptions) {
    this.containerd = new Containerd(options.root);
    this.kubelet = new Kubelet({ ...options, containerd: this.containerd });
    this.control = new ControlServer(this);
  }

  async start(how: 'boot' | 'as-running'): Promise<void> {
    const { cluster } = this.options;
    mkdirSync(this.stateFolder, { recursive: true });
    this.writeState('control', `${await this.control.start()}\n`);
    this.writeAddresses();
    this.stopFollowing = cluster.addresses.onChange(() => this.writeAddresses());
    await this.kubelet.start(how);
  }

  async stop(): Promise<void> {
    this.stopFollowing();
    await this.kubelet.stop();
    await this.containerd.stop();
    await this.control.stop();
    rmSync(this.stateFolder, { recursive: true, force: true });
  }

  /** `HOST:PORT REAL-PORT` for every address that this node can reach. */
  private writeAddresses(): void {
    const { node, cluster } = this.options;
    const own = NODE_PORTS.map((port) => [port, cluster.addresses.portOf(`${node.privateIp}:${port}`) ?? REFUSED_PORT]);
    const lines = [
      ...own.flatMap(([port, real]) => [`127.0.0.1:${port} ${real}`, `localhost:${port} ${real}`]),
      ...cluster.addresses.entries().map(([address, real]) => `${address} ${real}`),
    ];
    this.writeState('addresses', `${lines.join('\n')}\n`);
  }

  /** Whoever reads sees the old text or the new one, never a part. */
  private writeState(name: string, text: string): void {
    const file = join(this.stateFolder, name);
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  private get stateFolder(): string {
    return join(this.options.root, 'run', 'simulated-node');
  }
}
