import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ClusterPlan } from './cluster-plan';
import { refusesCgroupV1 } from './kubeadm-configuration';

/** Command -> Debian package that has it. */
const TOOLS = {
  go: 'Go 1.25 or newer from go.dev',
  python3: 'python3',
  containerd: 'containerd',
  ctr: 'containerd',
  haproxy: 'haproxy',
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  flock: 'util-linux',
  dpkg: 'a Debian-based Linux',
};

/** Why no lab can be on this machine, as one sentence; undefined when it can. */
export function whyNoLab(): string | undefined {
  if (process.platform !== 'linux') return `the lab needs Linux; this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the lab makes namespaces and needs root';
  const missing = Object.entries(TOOLS).filter(([tool]) => !isInPath(tool));
  if (missing.length === 0) return undefined;
  return `the lab needs ${missing.map(([tool, from]) => `${tool} (${from})`).join(', ')}`;
}

export const hasCgroupV1 = (): boolean => !existsSync('/sys/fs/cgroup/cgroup.controllers');

export async function checkHost(plan: ClusterPlan): Promise<void> {
  const reason = whyNoLab();
  if (reason) throw new Error(`No lab cluster can be made on this machine: ${reason}.`);
  if (hasCgroupV1() && refusesCgroupV1(plan) && !plan.allowCgroupV1) {
    throw new Error(
      `Kubernetes ${plan.kubernetesVersion} refuses to run on cgroup v1, which this machine has: take an older version, or allow it with allowCgroupV1 (--allow-cgroup-v1).`,
    );
  }
}

function isInPath(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)));
}
