import type { LabNode } from '../../../local/nodes/lab/lab-node';
import { runNodeScript } from './node-script';

export interface Seen {
  serial: string;
  notAfter: Date;
}
export type Certificates = Record<string, Seen>;

const PKI = '/etc/kubernetes/pki';
const KUBERNETES = '/etc/kubernetes/';

/** Every certificate on a control plane's disk, CAs and the kubelet's own included, by path, as openssl on the node reads it. */
export async function everyCertificateOnDisk(node: LabNode, certificatesDir = PKI): Promise<Certificates> {
  return parse('disk', await runNodeScript(node, 'certificates', { LOOK: 'disk', CERTIFICATES_DIR: certificatesDir }));
}

/** The algorithm of each key that kubeadm made on a control plane, by path, as openssl calls it: id-ecPublicKey, rsaEncryption. */
export async function keyAlgorithms(node: LabNode, certificatesDir = PKI): Promise<Record<string, string>> {
  const text = await runNodeScript(node, 'certificates', { LOOK: 'keys', CERTIFICATES_DIR: certificatesDir });
  return Object.fromEntries([...text.matchAll(/^key\t(\S+)\t(\S+)$/gm)].map((row) => [row[1], row[2]]));
}

/** Every certificate that kubeadm made on a control plane and can renew, by its path below /etc/kubernetes/pki or /etc/kubernetes. */
export async function certificatesOnDisk(node: LabNode): Promise<Certificates> {
  const leaves = Object.entries(await everyCertificateOnDisk(node)).filter(
    ([path]) => path.startsWith(KUBERNETES) && !path.endsWith('ca.crt'),
  );
  return Object.fromEntries(leaves.map(([path, seen]) => [path.replace(`${PKI}/`, '').replace(KUBERNETES, ''), seen]));
}

const PORTS = [6443, 2379, 2380, 10250, 10257, 10259];

/** What each port presents in a TLS handshake now, by port, as openssl on the node sees it. */
export async function servedCertificates(node: LabNode, ports = PORTS): Promise<Certificates> {
  const parameters = { LOOK: 'served', OWN_ADDRESS: node.privateIp, PORTS: ports.join(' ') };
  return parse('served', await runNodeScript(node, 'certificates', parameters));
}

export const serials = (certificates: Certificates): Record<string, string> =>
  Object.fromEntries(Object.entries(certificates).map(([name, { serial }]) => [name, serial]));

function parse(kind: string, text: string): Certificates {
  const rows = [...text.matchAll(/^(\w+)\t(\S+)\tserial=(\w+)\tnotAfter=(.+)$/gm)];
  const found = rows.filter((row) => row[1] === kind).map((row) => [row[2], seen(row[3]!, row[4]!)]);
  if (found.length === 0) throw new Error(`No certificate in: ${text.slice(0, 200)}`);
  return Object.fromEntries(found);
}

const seen = (serial: string, notAfter: string): Seen => ({ serial, notAfter: new Date(notAfter) });
