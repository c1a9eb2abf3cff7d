import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunningComponent } from './component';

export interface Container {
  /** 64 hexadecimal digits. */
  id: string;
  podId: string;
  name: string;
  image: string;
  attempt: number;
  state: 'Running' | 'Exited';
  exitCode: number;
  createdAt: Date;
  finishedAt?: Date;
  /** On the node. */
  logPath: string;
}

export interface PodSandbox {
  id: string;
  /** COMPONENT-NODE */
  name: string;
  namespace: string;
  labels: Record<string, string>;
  attempt: number;
  state: 'Ready' | 'NotReady';
  createdAt: Date;
}

/** Starts what runs in a container; `log` writes into the container's log. */
export type StartProcess = (log: (line: string) => void) => Promise<RunningComponent>;

/** The container runtime of one node: sandboxes, containers and their logs. */
export class Containerd {
  /** Stopped (`systemctl stop containerd`): containers go on, nobody can ask. */
  isActive = true;
  private readonly pods = new Map<string, PodSandbox>();
  private readonly containers = new Map<string, Container>();
  private readonly processes = new Map<string, RunningComponent>();
  private readonly starting = new Set<Promise<unknown>>();

  constructor(private readonly root: string) {}

  listPods(): PodSandbox[] {
    return [...this.pods.values()].reverse();
  }

  listContainers(): Container[] {
    return [...this.containers.values()].reverse();
  }

  containersOf(podId: string): Container[] {
    return this.listContainers().filter((container) => container.podId === podId);
  }

  runPod(pod: Omit<PodSandbox, 'id' | 'state' | 'createdAt'>): PodSandbox {
    const sandbox: PodSandbox = { ...pod, id: newId(), state: 'Ready', createdAt: new Date() };
    this.pods.set(sandbox.id, sandbox);
    return sandbox;
  }

  /** A container whose process does not start has exited with 1. */
  runContainer(podId: string, name: string, image: string, start: StartProcess): Promise<Container> {
    const started = this.startContainer(podId, name, image, start).finally(() => this.starting.delete(started));
    this.starting.add(started);
    return started;
  }

  private async startContainer(podId: string, name: string, image: string, start: StartProcess): Promise<Container> {
    const pod = this.pods.get(podId)!;
    const attempt = this.containersOf(podId).length;
    const container: Container = {
      id: newId(),
      podId,
      name,
      image,
      attempt,
      state: 'Running',
      exitCode: 0,
      createdAt: new Date(),
      logPath: `/var/log/pods/${pod.namespace}_${pod.name}_${podId.slice(0, 32)}/${name}/${attempt}.log`,
    };
    const log = this.logOf(container);
    try {
      const process = await start(log);
      // The sandbox may have been removed while the process started.
      if (!this.pods.has(podId)) {
        await process.stop();
        return container;
      }
      this.processes.set(container.id, process);
    } catch (error) {
      log(`F ${error instanceof Error ? error.message : String(error)}`);
      Object.assign(container, { state: 'Exited', exitCode: 1, finishedAt: new Date() });
      // As the kubelet does: of the dead containers of a pod only the last one is kept.
      for (const dead of this.containersOf(podId))
        if (dead.state === 'Exited' && attempt > 1) this.containers.delete(dead.id);
    }
    if (this.pods.has(podId)) this.containers.set(container.id, container);
    return container;
  }

  /** Killed, as by crictl, which gives no time to end. */
  async stopContainer(id: string): Promise<void> {
    const process = this.processes.get(id);
    this.processes.delete(id);
    const container = this.containers.get(id);
    if (container?.state === 'Running')
      Object.assign(container, { state: 'Exited', exitCode: 137, finishedAt: new Date() });
    await process?.stop();
  }

  removeContainer(id: string): void {
    this.containers.delete(id);
  }

  async stopPod(id: string): Promise<void> {
    const pod = this.pods.get(id);
    if (pod) pod.state = 'NotReady';
    await Promise.all(this.containersOf(id).map((container) => this.stopContainer(container.id)));
  }

  async removePod(id: string): Promise<void> {
    const containers = this.containersOf(id);
    await this.stopPod(id);
    this.pods.delete(id);
    for (const container of containers) this.containers.delete(container.id);
  }

  /** Power off. */
  async stop(): Promise<void> {
    this.isActive = false;
    await Promise.all(this.listPods().map((pod) => this.removePod(pod.id)));
    await Promise.all(this.starting);
  }

  private logOf(container: Container): (line: string) => void {
    const file = join(this.root, container.logPath);
    return (line) => {
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, `${new Date().toISOString()} stderr F ${line}\n`);
    };
  }
}

function newId(): string {
  return randomBytes(32).toString('hex');
}
