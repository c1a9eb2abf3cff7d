import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Container, Containerd, PodSandbox } from './containerd';
import type { Kubelet } from './kubelet';

export interface Machinery {
  kubelet: Kubelet;
  containerd: Containerd;
}

/** Answer of one request of a stand-in: text for its stdout, or a status that says why not. */
type Answer = { status?: number; text?: string };

/**
 * What the crictl and systemctl stand-ins ask: stands for containerd's socket and systemd's bus. Lines of space-separated fields,
 * because the stand-ins are bash scripts. The address carries a random word, so that nobody else on this machine asks by accident.
 */
export class ControlServer {
  private readonly word = randomBytes(12).toString('hex');
  private readonly server: Server;

  constructor(private readonly machinery: Machinery) {
    this.server = createServer((request, response) => {
      const [word, ...path] = (request.url ?? '').slice(1).split('/');
      if (word !== this.word) return void response.writeHead(403).end();
      // In a promise, because decoding throws for what a browser or a port scanner may send.
      Promise.resolve()
        .then(() => path.map(decodeURIComponent))
        .then(([what, ...rest]) => this.answer(`${request.method} ${what}`, rest))
        .catch((error: unknown) => ({ status: 500, text: `${String(error)}\n` }))
        .then(({ status, text }: Answer) => response.writeHead(status ?? 200).end(text));
    });
  }

  /** http://127.0.0.1:PORT/WORD */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${this.word}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async answer(what: string, [id = '', verb = '']: string[]): Promise<Answer> {
    const { containerd } = this.machinery;
    if (what.endsWith(' units')) return this.answerUnit(what, id, verb);
    if (!containerd.isActive) return { status: 503 };
    switch (what) {
      case 'GET containers':
        return {
          text: containerd
            .listContainers()
            .map((container) => this.containerLine(container))
            .join(''),
        };
      case 'GET pods':
        return { text: containerd.listPods().map(podLine).join('') };
      case 'POST pods': {
        if (!containerd.listPods().some((pod) => pod.id === id)) return { status: 404 };
        await (verb === 'remove' ? containerd.removePod(id) : containerd.stopPod(id));
        return {};
      }
      case 'POST containers': {
        if (!containerd.listContainers().some((container) => container.id === id)) return { status: 404 };
        await containerd.stopContainer(id);
        if (verb === 'remove') containerd.removeContainer(id);
        return {};
      }
      default:
        return { status: 404 };
    }
  }

  private async answerUnit(what: string, unit: string, verb: string): Promise<Answer> {
    const { kubelet, containerd } = this.machinery;
    if (unit !== 'kubelet' && unit !== 'containerd') return { status: 404 };
    if (what === 'POST units' && unit === 'kubelet') {
      if (verb !== 'start') await kubelet.stop();
      if (verb !== 'stop') await kubelet.start();
    } else if (what === 'POST units') {
      containerd.isActive = verb !== 'stop';
    }
    const state = unit === 'kubelet' ? kubelet.state : containerd.isActive ? 'active' : 'inactive';
    return { text: `${state}\n` };
  }

  private containerLine(container: Container): string {
    const { id, name, state, podId, attempt, createdAt, image, exitCode, logPath } = container;
    const pod = this.machinery.containerd.listPods().find((candidate) => candidate.id === podId);
    const created = Math.floor(createdAt.getTime() / 1000);
    return `${[id, name, state, podId, attempt, created, image, exitCode, logPath, pod?.name, pod?.namespace].join(' ')}\n`;
  }
}

function podLine({ id, name, namespace, state, attempt, createdAt, labels }: PodSandbox): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `${[id, name, state, namespace, attempt, Math.floor(createdAt.getTime() / 1000), pairs.join(',')].join(' ')}\n`;
}
