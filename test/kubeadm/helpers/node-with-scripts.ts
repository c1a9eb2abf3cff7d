import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateInventory, controlPlaneFacts, renewalResult } from '../../../lambdas/contracts/node-steps';
import type { CertificateInventory, RenewalResult } from '../../../lambdas/contracts/node-steps';
import { nodePath } from '../../../local/nodes/simulated/install-stand-ins';
import { KUBEADM_VARIABLE, configuration, runProgram, succeed, writeOnNode } from './real-kubeadm';
import type { Folders } from './real-kubeadm';

const SCRIPTS = join(__dirname, '../../../scripts');
const MARKER = 'KUBEADM_AUTOPILOT_RESULT ';
const PKI = 'etc/kubernetes/pki';

/** What kubeadm init leaves on a node, for the scripts: files and kubeadm are real, nothing runs. Needs --rootfs. */
export class NodeWithScripts {
  readonly root: string;

  constructor(folders: Folders, name: string) {
    this.root = folders.make(name);
    for (const phase of [
      ['control-plane', 'all'],
      ['etcd', 'local'],
    ]) {
      succeed(this.root, ['init', 'phase', ...phase, '--config', '/cluster.yaml']);
    }
    mkdirSync(this.path('usr/bin'), { recursive: true });
    symlinkSync(join(__dirname, 'kubeadm-on-node'), this.path('usr/bin/kubeadm'));
    writeFileSync(this.path('usr/bin/crictl'), '#!/bin/sh\n', { mode: 0o755 });
    withoutKubectl(this.root);
    this.save({});
  }

  /** The ClusterConfiguration that the node has kept. */
  save(settings: Record<string, unknown>): void {
    const all = configuration(this.root, { certificatesDir: '/etc/kubernetes/pki', ...settings });
    const [saved] = all.split('---\n');
    writeOnNode(this.root, '/var/lib/kubeadm-autopilot/cluster-configuration.yaml', saved!);
  }

  /** As the cluster's kubeadm-config says it. */
  saveValidity(certificateValidityPeriod: string): void {
    this.save({ certificateValidityPeriod });
  }

  path(path: string): string {
    return join(this.root, path);
  }

  pki(file: string): string {
    return this.path(`${PKI}/${file}`);
  }

  /** Makes a certificate anew that is valid for so long. */
  make(name: string, certificateValidityPeriod: string): void {
    writeFileSync(this.path('cluster.yaml'), configuration(this.root, { certificateValidityPeriod }));
    succeed(this.root, ['certs', 'renew', name, '--config', '/cluster.yaml']);
  }

  check(): CertificateInventory {
    return certificateInventory.parse(this.run('check-certificates'));
  }

  /** What would keep a renewal from renewing: `precondition: reason` each. */
  obstacles(): string[] {
    const { renewal } = controlPlaneFacts.parse(this.run('inspect-control-plane', { SSM_Inventory: 'yes' }));
    return (renewal.obstacles ?? []).map(({ precondition, reason }) => `${precondition}: ${reason}`);
  }

  /** From now on scripts see the node's files as this shell command has mounted them, in its root. Needs root. */
  mounted = 'true';

  /** Up to the static pods, of which there are none. */
  renew(): RenewalResult {
    return renewalResult.parse(this.run('renew-certificates', RENEWAL));
  }

  /** Why the renewal was refused. */
  refusal(): string {
    const { error, message } = this.run('renew-certificates', RENEWAL) as { error?: string; message?: string };
    if (error !== 'refused' || message === undefined) throw new Error(`Not refused: ${error} ${message}`);
    return message;
  }

  private run(step: string, parameters: Record<string, string> = {}): unknown {
    const script = `set -e; cd "$NODE_ROOT"; ${this.mounted}; exec ${join(SCRIPTS, `${step}.sh`)}`;
    const { stdout, stderr } = runProgram('unshare', ['--mount', 'bash', '-c', script], {
      ...{ PATH: nodePath(this.root), NODE_ROOT: this.root, LANG: 'C.UTF-8' },
      [KUBEADM_VARIABLE]: process.env[KUBEADM_VARIABLE]!,
      ...parameters,
    });
    if (!stdout.startsWith(MARKER)) throw new Error(`No result: ${stdout}${stderr}`);
    return JSON.parse(stdout.slice(MARKER.length));
  }
}
const RENEWAL = { SSM_Force: 'no', SSM_Until: 'files' };

/** This machine may have a kubectl, or a wrapper around one, that is none of the node's: kubeconfigs are read in its own layout then. */
export function withoutKubectl(root: string): void {
  writeFileSync(join(root, 'usr/bin/kubectl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
}

export const serials = ({ certificates }: CertificateInventory): Record<string, string | undefined> =>
  Object.fromEntries(certificates.map(({ name, serial }) => [name, serial]));
