import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedCluster, SimulatedNode } from '../../../local/nodes/simulated';

/** Serial and end of a certificate, as openssl itself prints them. */
export interface Seen {
  serial: string;
  notAfter: Date;
}

const PKI = [
  'apiserver',
  'apiserver-kubelet-client',
  'apiserver-etcd-client',
  'front-proxy-client',
  'etcd/server',
  'etcd/peer',
  'etcd/healthcheck-client',
];
const KUBECONFIGS = ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf'];
/** Ports of a control plane, by the file whose certificate they present. */
export const SERVED = { apiserver: 6443, 'etcd/server': 2379, 'etcd/peer': 2380 } as const;

/** Every certificate that kubeadm made on a control plane, by file. */
export function onDisk({ root }: SimulatedNode): Record<string, Seen> {
  const pki = PKI.map((name) => [name, join(root, 'etc/kubernetes/pki', `${name}.crt`)] as const)
    .filter(([, path]) => existsSync(path))
    .map(([name, path]) => [name, seen(readFileSync(path, 'utf8'))]);
  const kubeconfigs = KUBECONFIGS.map((name) => [name, join(root, 'etc/kubernetes', name)] as const)
    .filter(([, path]) => existsSync(path))
    .map(([name, path]) => {
      const data = /client-certificate-data: (\S+)/.exec(readFileSync(path, 'utf8'))![1]!;
      return [name, seen(Buffer.from(data, 'base64').toString())];
    });
  return Object.fromEntries([...pki, ...kubeconfigs]);
}

/** Puts another CA with the same subject in the place of the cluster's. */
export function replaceCa({ root }: SimulatedNode): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key'];
  const args = ['req', '-x509', ...key, '-out', 'ca.crt', '-subj', '/CN=kubernetes', '-days', '3650'];
  execFileSync('openssl', args, { cwd: join(root, 'etc/kubernetes/pki'), stdio: 'pipe' });
}

/** What a port presents in a TLS handshake now. Not synchronous: the port is served by this very process. */
export async function served(cluster: SimulatedCluster, node: SimulatedNode, port: number): Promise<Seen> {
  const real = cluster.addresses.portOf(`${node.privateIp}:${port}`);
  const shown = await new Promise<string>((resolve) => {
    const client = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${real}`], { timeout: 20_000 }, (_, out) =>
      resolve(out),
    );
    client.stdin!.end();
  });
  return seen(shown);
}

function seen(pem: string): Seen {
  const env = { ...process.env, SSL_CERT_FILE: '/dev/null' }; // the host's bundle of public CAs takes most of its time
  const text = execFileSync('openssl', ['x509', '-noout', '-serial', '-enddate'], {
    input: pem,
    encoding: 'utf8',
    env,
  });
  const [, serial, end] = /^serial=(\w+)\nnotAfter=(.+)$/m.exec(text)!;
  return { serial: serial!, notAfter: new Date(end!) };
}

export const serials = (certificates: Record<string, Seen>): Record<string, string> =>
  Object.fromEntries(Object.entries(certificates).map(([name, { serial }]) => [name, serial]));
