import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '../files/static-pod-manifests';
import { isValidNow, listen } from './component';
import type { ClusterView, ContainerContext, Reloads } from './component';
import { START_COMPONENT } from './components';
import type { Containerd, PodSandbox } from './containerd';
import { componentFault } from './faults';
import { StaticPodSource } from './static-pod';
import type { StaticPod } from './static-pod';
import type { TlsServer } from './tls-server';

/** Milliseconds. The real figures are in the comments; the order of things is the same. */
export interface KubeletTiming {
  /** How often manifests and sandboxes are looked at (real: inotify, and every 20 s). */
  syncMs: number;
  /** From the end of a sandbox to the new one (real: 0.5 s to 1 s). */
  recreateMs: number;
  /** From a manifest's going to the end of its container (real: 3 s to 30 s). */
  terminateMs: number;
  /** Between attempts of a container that exited, and of the kubelet itself (real: 10 s and more). */
  backOffMs: number;
}

export const FAST: KubeletTiming = { syncMs: 50, recreateMs: 300, terminateMs: 200, backOffMs: 1000 };

export interface KubeletOptions {
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

const CLIENT_CERTIFICATE = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** Keeps one running container for each manifest in /etc/kubernetes/manifests, and serves 10250. */
export class Kubelet {
  /** activating: it exits at its start and systemd tries again, as with an expired client certificate. */
  state: 'active' | 'inactive' | 'activating' = 'inactive';
  private readonly pods = new Map<string, PodWork>();
  private readonly source: StaticPodSource;
  private timer?: NodeJS.Timeout;
  private server?: TlsServer;

  constructor(private readonly options: KubeletOptions) {
    this.source = new StaticPodSource(join(options.root, '/etc/kubernetes/manifests'));
  }

  /** Its Node object is Ready: it runs and can still log in to the API server. */
  get isReady(): boolean {
    return this.state === 'active' && this.canLogIn();
  }

  /** Nothing is under way: each manifest has had its container started, whether or not it stayed. */
  get isSettled(): boolean {
    if (this.state !== 'active') return true;
    return this.source.read().every(({ name }) => this.pods.get(name)?.busy === false);
  }

  async start(): Promise<void> {
    if (this.state === 'active') return;
    clearTimeout(this.timer);
    if (!this.canLogIn() && !existsSync(join(this.options.root, '/etc/kubernetes/bootstrap-kubelet.conf'))) {
      this.state = 'activating';
      this.timer = setTimeout(() => void this.start(), this.options.timing.backOffMs);
      return;
    }
    this.state = 'active';
    await this.serve();
    this.sync();
    this.timer = setInterval(() => this.sync(), this.options.timing.syncMs);
  }

  /** The containers go on. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.state = 'inactive';
    await this.server?.close();
    this.server = undefined;
  }

  private canLogIn(): boolean {
    const { root } = this.options;
    // A kubelet without a kubeconfig runs on its own, as on etcd nodes.
    if (!existsSync(join(root, '/etc/kubernetes/kubelet.conf'))) return true;
    try {
      return isValidNow(readFileSync(join(root, CLIENT_CERTIFICATE), 'utf8'));
    } catch {
      return false;
    }
  }

  private async serve(): Promise<void> {
    const { root } = this.options;
    const read = (name: string) => readFileSync(join(root, '/var/lib/kubelet/pki', name), 'utf8');
    const [cert, key] = existsSync(join(root, '/var/lib/kubelet/pki/kubelet-server-current.pem'))
      ? [read('kubelet-server-current.pem'), read('kubelet-server-current.pem')]
      : [read('kubelet.crt'), read('kubelet.key')];
    this.server = await listen(this.options, 10250, {
      certificate: { cert, key },
      clients: 'none',
      handler: (_request, response) => response.writeHead(401).end('Unauthorized'),
    });
  }

  private sync(): void {
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
