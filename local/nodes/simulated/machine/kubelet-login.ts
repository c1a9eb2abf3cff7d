import { newCertificateRequest } from '../pki/certificate-request';
import { callApi } from './api-call';
import type { ClusterView } from './component';
import {
  BOOTSTRAP_CONF,
  KUBELET_CONF,
  endOf,
  readCurrent,
  readLogin,
  storeCertificate,
  writeBootstrappedConf,
} from './kubelet-credentials';
import type { Login } from './kubelet-credentials';

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const FAILED = 'Failed while requesting a signed certificate from the control plane';
const POLL_MS = 50;

export interface KubeletLoginOptions {
  root: string;
  node: { name: string };
  cluster: ClusterView;
  /** Between attempts to get a certificate. */
  retryMs: number;
  /** How long it stays without a valid certificate while the API server answers. */
  exitAfterMs: number;
  log(line: string): void;
  /** The process ends; systemd starts it again. */
  exit(): void;
}

/**
 * How a kubelet with rotateCertificates comes by its client certificate, after buildKubeletClientConfig, LoadClientConfig and
 * UpdateTransport of the real one. Like that, it reads its files when it starts and keeps its certificate in memory. It does not rotate
 * a valid one.
 */
export class KubeletLogin {
  /** What it asks with while it has no valid certificate. */
  private askWith?: Login;
  private lastValid = 0;
  /** End of the certificate that it logs in with, milliseconds since 1970. */
  private validUntil = 0;
  /** A kubelet without a kubeconfig runs on its own, as on etcd nodes. */
  private isAlone = false;
  private timer?: NodeJS.Timeout;
  private run = 0;

  constructor(private readonly options: KubeletLoginOptions) {}

  /** It has a certificate that is valid now. */
  get isLoggedIn(): boolean {
    return this.isAlone || this.validUntil > Date.now();
  }

  /** What a start does first. @throws Error in the kubelet's words when it cannot run. */
  load(): void {
    const { root } = this.options;
    const conf = readLogin(root, KUBELET_CONF);
    this.isAlone = !conf && !readLogin(root, BOOTSTRAP_CONF);
    if (this.isAlone) return;
    this.askWith = conf;
    if ((endOf(conf?.client?.cert ?? '') ?? 0) <= Date.now()) {
      const bootstrap = readLogin(root, BOOTSTRAP_CONF);
      if (!bootstrap)
        throw new Error(`unable to load bootstrap kubeconfig: stat ${BOOTSTRAP_CONF}: no such file or directory`);
      writeBootstrappedConf(root, bootstrap);
      this.askWith = bootstrap;
    }
    readCurrent(root);
    this.validUntil = this.endOnDisk();
    this.lastValid = Date.now();
  }

  /** As it is after it has run for long, whatever has expired meanwhile. */
  loadAsRunning(): void {
    this.askWith = readLogin(this.options.root, KUBELET_CONF);
    this.isAlone = !this.askWith && !readLogin(this.options.root, BOOTSTRAP_CONF);
    this.validUntil = this.endOnDisk();
    this.lastValid = this.validUntil;
  }

  /** Asks for a certificate in the background as long as it has no valid one. */
  start(): void {
    this.run += 1;
    if (!this.isAlone) void this.keepAsking(this.run);
  }

  stop(): void {
    this.run += 1;
    clearTimeout(this.timer);
  }

  private endOnDisk(): number {
    const { root } = this.options;
    try {
      return Math.max(
        endOf(readCurrent(root)?.cert ?? '') ?? 0,
        endOf(readLogin(root, KUBELET_CONF)?.client?.cert ?? '') ?? 0,
      );
    } catch {
      return 0;
    }
  }

  private async keepAsking(run: number): Promise<void> {
    const { log, exit, exitAfterMs, retryMs, node } = this.options;
    // Said in between by another part of a real one, again and again.
    if (!this.isLoggedIn)
      log(
        `E "Unable to register node with API server" err="nodes \\"${node.name}\\" is forbidden: User \\"system:anonymous\\" cannot get resource \\"nodes\\""`,
      );
    const serverAnswers = this.isLoggedIn ? false : await this.ask(run);
    if (run !== this.run) return;
    if (this.isLoggedIn) this.lastValid = Date.now();
    else if (serverAnswers && Date.now() > this.lastValid + exitAfterMs) {
      log('E "No valid client certificate is found and the server is responsive, exiting."');
      return exit();
    }
    this.timer = setTimeout(() => void this.keepAsking(run), retryMs);
  }

  /** One attempt; true when the server is well as far as this kubelet can tell. */
  private async ask(run: number): Promise<boolean> {
    const { root, node, cluster, log } = this.options;
    const login = this.askWith!;
    try {
      const { request, key } = await newCertificateRequest({
        commonName: `system:node:${node.name}`,
        organizations: ['system:nodes'],
      });
      const spec = {
        request: Buffer.from(request).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      };
      const created = await callApi(cluster.addresses, { ...login, method: 'POST', path: REQUESTS, body: { spec } });
      if (created.status !== 201) {
        const { message, reason } = JSON.parse(created.text) as { message?: string; reason?: string };
        log(`E "${FAILED}" err="cannot create certificate signing request: ${message}"`);
        return reason === 'Unauthorized' || reason === 'Forbidden' || reason === 'NotFound';
      }
      const { metadata } = JSON.parse(created.text) as { metadata: { name: string } };
      while (run === this.run) {
        const { text } = await callApi(cluster.addresses, {
          ...login,
          method: 'GET',
          path: `${REQUESTS}/${metadata.name}`,
        });
        const { status } = JSON.parse(text) as { status?: { certificate?: string } };
        if (status?.certificate && run === this.run) {
          const certificate = Buffer.from(status.certificate, 'base64').toString();
          storeCertificate(root, certificate, key);
          this.validUntil = endOf(certificate) ?? 0;
          log('I "Certificate rotation detected, shutting down client connections to start using new credentials"');
          return true;
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } catch (error) {
      log(`E "${FAILED}" err="cannot create certificate signing request: ${(error as Error).message}"`);
    }
    return false;
  }
}
