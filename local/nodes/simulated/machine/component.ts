import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestListener } from 'node:http';
import type { AddressMap } from './address-map';
import type { EtcdMembership } from './etcd-membership';
import type { ResourceStore } from './resource-store';
import { startTlsServer } from './tls-server';
import type { ServedCertificate, TlsServer, TlsServerOptions } from './tls-server';

/** What every part of a simulated cluster shares. */
export interface ClusterView {
  readonly addresses: AddressMap;
  readonly etcd: EtcdMembership;
  readonly resources: ResourceStore;
  readonly settings: { readonly controlPlaneEndpoint: string };
  /** `.data.ClusterConfiguration` of the ConfigMap kubeadm-config. */
  readonly clusterConfiguration: string;
  nodeViews(): NodeView[];
}

/** A row of `kubectl get nodes`. */
export interface NodeView {
  name: string;
  ready: boolean;
  roles: string;
  version: string;
}

/** Seconds after which a component serves a renewed certificate by itself; absent: only after a restart. */
export interface Reloads {
  apiServerSeconds?: number;
  etcdSeconds?: number;
}

/** What a container knows when it starts. */
export interface ContainerContext {
  /** The node's folder. */
  root: string;
  node: { name: string; privateIp: string };
  cluster: ClusterView;
  reloads: Reloads;
  /** Value of a flag of the manifest's command, without its dashes. */
  flag(name: string): string | undefined;
  log(line: string): void;
  /** A fault says that it starts and never gets ready. */
  neverReady: boolean;
}

export interface RunningComponent {
  stop(): Promise<void>;
}

export type StartComponent = (context: ContainerContext) => Promise<RunningComponent>;

/** The file that a flag names, as the container sees it. */
export function readFlagFile(context: ContainerContext, flag: string): string {
  const path = context.flag(flag);
  if (!path) throw new Error(`flag --${flag} is not set`);
  return readFileSync(join(context.root, path), 'utf8');
}

/** Listens for the node's own address and for its 127.0.0.1. */
export async function listen(
  { cluster, node }: Pick<ContainerContext, 'cluster' | 'node'>,
  port: number,
  options: Omit<TlsServerOptions, 'preferredPort' | 'handler'> & { handler: RequestListener },
): Promise<TlsServer> {
  const address = `${node.privateIp}:${port}`;
  const server = await startTlsServer({ ...options, preferredPort: cluster.addresses.lastPortOf(address) });
  cluster.addresses.set(address, server.port);
  return {
    ...server,
    close: async () => {
      await server.close();
      cluster.addresses.remove(address, server.port);
    },
  };
}

/** @returns a function that tells whether a certificate is valid, for who asks often: it is read once. */
export function validity(pem: string): () => boolean {
  const { validFrom, validTo } = new X509Certificate(pem);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return () => from <= Date.now() && Date.now() < to;
}

/** Serves what is on disk anew every so often; a certificate that cannot be read leaves the old one. */
export function reloadEvery(
  seconds: number | undefined,
  read: () => ServedCertificate,
  use: (certificate: ServedCertificate) => void,
): () => void {
  if (seconds === undefined) return () => undefined;
  const timer = setInterval(() => {
    try {
      use(read());
    } catch {
      // Between the new key and the new certificate the pair does not fit: next time.
    }
  }, seconds * 1000);
  return () => clearInterval(timer);
}
