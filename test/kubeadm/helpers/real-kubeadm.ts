import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { DEFAULT_KUBERNETES } from '../../../local/nodes/default-kubernetes';

export const KUBEADM_VERSION = DEFAULT_KUBERNETES;
/** Where build-kubeadm.ts put it. */
export const KUBEADM_VARIABLE = 'KUBEADM_AUTOPILOT_REAL_KUBEADM';

/**
 * `--rootfs` is a chroot, which only root may do. Without it kubeadm is told where the certificates are, and finds no kubeconfigs: their
 * folder is fixed.
 */
export const HAS_ROOTFS = process.getuid?.() === 0;

export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A path on the node as kubeadm has to be told it. */
export const toldPath = (root: string, path: string): string => (HAS_ROOTFS ? path : root + path);

export function runProgram(program: string, args: string[], env: Record<string, string>): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env, timeout: 50_000 });
  if (error) throw error;
  return { exitCode: status ?? 137, stdout, stderr };
}

/** Runs the real kubeadm on a folder that stands for a node's root. */
export function realKubeadm(root: string, args: string[]): Outcome {
  const rootfs = HAS_ROOTFS ? ['--rootfs', root] : [];
  return runProgram(process.env[KUBEADM_VARIABLE]!, [...rootfs, ...args], { PATH: process.env.PATH! });
}

export function succeed(root: string, args: string[]): string {
  const { exitCode, stdout, stderr } = realKubeadm(root, args);
  if (exitCode !== 0) throw new Error(`kubeadm ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  return stdout;
}

/** What kubeadm init would be given. Its endpoint refuses every connection: there is no cluster, only files. */
export function configuration(root: string, settings: Record<string, unknown> = {}): string {
  const api = 'kubeadm.k8s.io/v1beta4';
  const cluster = {
    apiVersion: api,
    kind: 'ClusterConfiguration',
    certificatesDir: toldPath(root, '/etc/kubernetes/pki'),
    clusterName: 'contract',
    controlPlaneEndpoint: '127.0.0.1:1',
    encryptionAlgorithm: 'ECDSA-P256',
    kubernetesVersion: KUBEADM_VERSION,
    ...settings,
  };
  const node = {
    apiVersion: api,
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress: '10.0.1.11' },
    nodeRegistration: { name: 'cp-1' },
  };
  return `${stringify(cluster)}---\n${stringify(node)}`;
}

export function writeOnNode(root: string, path: string, content: string, mode = 0o600): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
  chmodSync(join(root, path), mode);
}

/** Folders of one test file; `removeAll` when it ends. */
export class Folders {
  private readonly top = realpathSync(mkdtempSync(join(tmpdir(), 'kubeadm-')));

  /** A node's root with everything that kubeadm makes of certificates and kubeconfigs, by kubeadm. */
  make(name: string, settings?: Record<string, unknown>): string {
    const root = this.path(name);
    writeOnNode(root, '/cluster.yaml', configuration(root, settings), 0o644);
    const config = ['--config', toldPath(root, '/cluster.yaml')];
    succeed(root, ['init', 'phase', 'certs', 'all', ...config]);
    if (HAS_ROOTFS) succeed(root, ['init', 'phase', 'kubeconfig', 'all', ...config]);
    return root;
  }

  copy(from: string, name: string): string {
    const root = this.path(name);
    cpSync(from, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const file = join(root, 'cluster.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, root));
    return root;
  }

  path(name: string): string {
    return join(this.top, name);
  }

  remove(root: string): void {
    rmSync(root, { recursive: true, force: true });
  }

  removeAll(): void {
    this.remove(this.top);
  }
}
