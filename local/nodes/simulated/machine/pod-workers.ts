import { join } from 'node:path';
import type { Component } from '../files/static-pod-manifests';
import type { ClusterView, ContainerContext, Reloads } from './component';
import { START_COMPONENT } from './components';
import type { Containerd, PodSandbox } from './containerd';
import { componentFault } from './faults';
import type { KubeletTiming } from './kubelet-timing';
import { StaticPodSource } from './static-pod';
import type { StaticPod } from './static-pod';

export interface PodWorkersOptions {
  root: string;
  node: { name: string; privateIp: string };
  cluster: ClusterView;
  containerd: Containerd;
  reloads: Reloads;
  timing: KubeletTiming;
}

interface PodWork {
  pod: StaticPod;
  sandbox?: PodSandbox;
  attempt: number;
  busy: boolean;
  notBefore: number;
}

/** The part of the kubelet that keeps one running container for each manifest in /etc/kubernetes/manifests. */
export class PodWorkers {
  private readonly pods = new Map<string, PodWork>();
  private readonly source: StaticPodSource;

  constructor(private readonly options: PodWorkersOptions) {
    this.source = new StaticPodSource(join(options.root, '/etc/kubernetes/manifests'));
  }

  /** Nothing is under way: each manifest has had its container started, whether or not it stayed. */
  get areSettled(): boolean {
    return this.source.read().every(({ name }) => this.pods.get(name)?.busy === false);
  }

  /** Looks at manifests and sandboxes once, and begins what has to be done. */
  sync(): void {
    const { containerd, timing } = this.options;
    if (!containerd.isActive) return;
    const wanted = new Map(this.source.read().map((pod) => [pod.name, pod]));
    for (const [name, work] of this.pods) {
      if (work.busy || wanted.get(name)?.hash === work.pod.hash) continue;
      // Gone, or another text: the old pod ends first.
      this.work(work, async () => {
        await wait(timing.terminateMs);
        if (work.sandbox) await containerd.removePod(work.sandbox.id);
        this.pods.delete(name);
      });
    }
    for (const [name, pod] of wanted) {
      if (!this.pods.has(name)) this.pods.set(name, { pod, attempt: 0, busy: false, notBefore: 0 });
    }
    for (const work of this.pods.values()) this.keepRunning(work);
  }

  private keepRunning(work: PodWork): void {
    const { containerd, timing } = this.options;
    if (work.busy) return;
    const sandbox = containerd.listPods().find((pod) => pod.id === work.sandbox?.id);
    if (work.sandbox && sandbox?.state !== 'Ready') {
      // Removed (the attempts begin anew) or stopped (the next attempt) by somebody else.
      Object.assign(work, { sandbox: undefined, notBefore: Date.now() + timing.recreateMs });
      work.attempt = sandbox ? sandbox.attempt + 1 : 0;
      if (sandbox) void containerd.removePod(sandbox.id);
    }
    const last = sandbox && containerd.containersOf(sandbox.id)[0];
    if (last?.state === 'Running') return;
    if (last?.finishedAt) work.notBefore = Math.max(work.notBefore, last.finishedAt.getTime() + timing.backOffMs);
    if (Date.now() >= work.notBefore) this.work(work, () => this.startContainer(work));
  }

  private async startContainer(work: PodWork): Promise<void> {
    const { root, node, cluster, containerd, reloads } = this.options;
    const { pod } = work;
    const fault = componentFault(root, pod.name);
    if (fault === 'never-starts') return;
    work.sandbox ??= containerd.runPod({
      name: `${pod.name}-${node.name}`,
      namespace: pod.namespace,
      labels: {
        ...pod.labels,
        'io.kubernetes.pod.name': `${pod.name}-${node.name}`,
        'io.kubernetes.pod.namespace': pod.namespace,
      },
      attempt: work.attempt,
    });
    await containerd.runContainer(work.sandbox.id, pod.name, pod.image, (log) => {
      const start = START_COMPONENT[pod.name as Component];
      if (!start) throw new Error(`exec: "${pod.name}": a simulated node only runs the control plane's own components`);
      if (fault === 'crashes') throw new Error(`${pod.name} exits, because faults/components says so`);
      const context: ContainerContext = {
        root,
        node,
        cluster,
        reloads,
        flag: pod.flag,
        log,
        neverReady: fault === 'not-ready',
      };
      return start(context);
    });
  }

  /** One thing at a time for each pod. */
  private work(work: PodWork, task: () => Promise<void>): void {
    work.busy = true;
    void task().finally(() => (work.busy = false));
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
