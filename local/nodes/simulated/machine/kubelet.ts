import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listen } from './component';
import { KubeletLogin } from './kubelet-login';
import { PodWorkers } from './pod-workers';
import type { PodWorkersOptions } from './pod-workers';
import type { TlsServer } from './tls-server';

/** What `journalctl -u kubelet` shows: a line each, seconds since 1970 in front. */
const JOURNAL = '/var/log/simulated-kubelet.log';

/** Keeps one running container for each manifest in /etc/kubernetes/manifests, and serves 10250. */
export class Kubelet {
  /** activating: it exits at its start and systemd tries again, as with an expired client certificate. */
  state: 'active' | 'inactive' | 'activating' = 'inactive';
  private readonly pods: PodWorkers;
  private timer?: NodeJS.Timeout;
  private readonly login: KubeletLogin;
  private server?: TlsServer;

  constructor(private readonly options: PodWorkersOptions) {
    const { root, node, cluster, timing } = options;
    this.pods = new PodWorkers(options);
    this.login = new KubeletLogin({
      root,
      node,
      cluster,
      retryMs: timing.certificateRetryMs,
      exitAfterMs: timing.exitAfterMs,
      log: (line) => this.log(line),
      exit: () => void this.exit(),
    });
  }

  /** Its Node object is Ready: it runs and can still log in to the API server. */
  get isReady(): boolean {
    return this.state === 'active' && this.login.isLoggedIn;
  }

  /** Nothing is under way: each manifest has had its container started, whether or not it stayed. */
  get isSettled(): boolean {
    return this.state !== 'active' || this.pods.areSettled;
  }

  async start(how: 'boot' | 'as-running' = 'boot'): Promise<void> {
    if (this.state === 'active') return;
    clearTimeout(this.timer);
    try {
      if (how === 'as-running') this.login.loadAsRunning();
      else this.login.load();
      this.state = 'active';
      // Its files may be replaced while it reads them: it exits then as the real one does, and starts again.
      await this.serve();
    } catch (error) {
      this.log(`E "command failed" err="failed to run Kubelet: ${(error as Error).message}"`);
      return this.startLater();
    }
    this.login.start();
    this.pods.sync();
    this.timer = setInterval(() => this.pods.sync(), this.options.timing.syncMs);
  }

  /** The containers go on. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.login.stop();
    this.state = 'inactive';
    await this.server?.close();
    this.server = undefined;
  }

  /** By itself; systemd starts it again. */
  private async exit(): Promise<void> {
    await this.stop();
    this.startLater();
  }

  private startLater(): void {
    this.state = 'activating';
    this.timer = setTimeout(() => void this.start(), this.options.timing.backOffMs);
  }

  private log(line: string): void {
    const file = join(this.options.root, JOURNAL);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${(Date.now() / 1000).toFixed(3)} ${line}\n`);
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
}
