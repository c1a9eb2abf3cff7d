import { X509Certificate, createPrivateKey } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { kubeconfigText } from '../pki/kubeconfig';

export const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
export const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
const PKI = '/var/lib/kubelet/pki';
const CURRENT = `${PKI}/kubelet-client-current.pem`;

/** What a kubeconfig says of its cluster and user. */
export interface Login {
  server: string;
  ca: string;
  token?: string;
  client?: { cert: string; key: string };
}

interface Kubeconfig {
  clusters?: { cluster?: { server?: string; 'certificate-authority-data'?: string } }[];
  users?: { user?: Record<string, string> }[];
}

/** Undefined when the file is not there; a certificate that it leads to and that is not there is left out. */
export function readLogin(root: string, path: string): Login | undefined {
  if (!existsSync(join(root, path))) return undefined;
  const { clusters, users } = parse(readFileSync(join(root, path), 'utf8')) as Kubeconfig;
  const cluster = clusters?.[0]?.cluster;
  const user = users?.[0]?.user ?? {};
  // An empty member is null.
  const decoded = (text?: string | null) => (text ? Buffer.from(text, 'base64').toString() : undefined);
  const onNode = (file?: string) =>
    file && existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
  const cert = decoded(user['client-certificate-data']) ?? onNode(user['client-certificate']);
  const key = decoded(user['client-key-data']) ?? onNode(user['client-key']);
  return {
    server: cluster?.server ?? '',
    ca: decoded(cluster?.['certificate-authority-data']) ?? '',
    ...(user.token && { token: user.token }),
    ...(cert && key && { client: { cert, key } }),
  };
}

/** Undefined: there is none. @throws Error in the kubelet's words when it is there and cannot be loaded. */
export function readCurrent(root: string): { cert: string; key: string } | undefined {
  if (!existsSync(join(root, CURRENT))) return undefined;
  const text = readFileSync(join(root, CURRENT), 'utf8');
  try {
    if (new X509Certificate(text).checkPrivateKey(createPrivateKey(text))) return { cert: text, key: text };
  } catch {
    // Told below.
  }
  throw new Error(`could not convert data from "${CURRENT}" into cert/key pair`);
}

/** Milliseconds since 1970; undefined when it is no certificate. */
export function endOf(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** The kubeconfig that a kubelet writes when it begins to bootstrap: it leads to the certificate that it is going to get. */
export function writeBootstrappedConf(root: string, { server, ca }: Login): void {
  const text = kubeconfigText({
    cluster: 'default-cluster',
    user: 'default-auth',
    context: 'default-context',
    server,
    ca,
    credentials: { 'client-certificate': CURRENT, 'client-key': CURRENT },
  });
  writeFileSync(join(root, KUBELET_CONF), text, { mode: 0o600 });
}

/** kubelet-client-TIME.pem, and the link to it. @throws Error when something else than a link is in the link's place. */
export function storeCertificate(root: string, certificate: string, key: string): void {
  const stamp = new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const link = join(root, CURRENT);
  const inPlace = lstatSync(link, { throwIfNoEntry: false });
  if (inPlace && !inPlace.isSymbolicLink()) throw new Error(`expected "${CURRENT}" to be a symlink but it is a file`);
  mkdirSync(join(root, PKI), { recursive: true });
  writeFileSync(join(root, PKI, `kubelet-client-${stamp}.pem`), certificate + key, { mode: 0o600 });
  const updated = join(root, PKI, 'kubelet-client-updated.pem');
  rmSync(updated, { force: true });
  symlinkSync(`kubelet-client-${stamp}.pem`, updated);
  renameSync(updated, link);
}
