import { X509Certificate } from 'node:crypto';
import type { LabNode } from '../../../local/nodes/lab/lab-node';

export interface Seen {
  serial: string;
  notAfter: Date;
}
export type Certificates = Record<string, Seen>;

const PKI = '/etc/kubernetes/pki';
const FILES = [
  'apiserver.crt',
  'apiserver-kubelet-client.crt',
  'apiserver-etcd-client.crt',
  'front-proxy-client.crt',
  'etcd/server.crt',
  'etcd/peer.crt',
  'etcd/healthcheck-client.crt',
];
const KUBECONFIGS = ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf'];
const PORTS = ['6443', '2379', '2380', '10250', '10257', '10259'];

/** Every certificate that kubeadm made on a control plane, by file. */
export async function certificatesOnDisk(node: LabNode): Promise<Certificates> {
  const found: Certificates = {};
  for (const file of FILES) found[file] = seen(await node.readFile(`${PKI}/${file}`));
  for (const file of KUBECONFIGS) {
    const content = await node.readFile(`/etc/kubernetes/${file}`).catch(() => undefined);
    const data = content && /client-certificate-data: (\S+)/.exec(content)?.[1];
    if (data) found[file] = seen(Buffer.from(data, 'base64').toString());
  }
  return found;
}

/** What each port presents in a TLS handshake now, by port, as openssl on the node sees it. */
export async function servedCertificates(node: LabNode): Promise<Certificates> {
  const found: Certificates = {};
  for (const port of PORTS) found[port] = await served(node, port);
  return found;
}

async function served(node: LabNode, port: string): Promise<Seen> {
  // Where a client certificate is asked for, openssl fails after it has printed the server's.
  // etcd's peers are served on the node's own address only, the controller-manager and scheduler on the loopback only.
  const address = `${port === '2380' ? node.privateIp : '127.0.0.1'}:${port}`;
  const handshake = ['bash', '-c', `openssl s_client -connect ${address} </dev/null 2>&1 || true`];
  for (let attempt = 1; ; attempt++) {
    const { stdout } = await node.exec(handshake);
    if (stdout.includes('BEGIN CERTIFICATE')) return seen(stdout);
    // On a busy machine a controller-manager or scheduler loses its lease and starts anew.
    if (attempt === 30) throw new Error(`${node.name} port ${port} presents no certificate: ${stdout.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function seen(text: string): Seen {
  const pem = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(text)?.[0];
  if (!pem) throw new Error(`No certificate in: ${text.slice(0, 200)}`);
  const { serialNumber, validTo } = new X509Certificate(pem);
  return { serial: serialNumber, notAfter: new Date(validTo) };
}
