import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { defaultLabFolder } from './lab-folder';

/** linux/magic.h */
const OVERLAYFS_SUPER_MAGIC = 0x794c7630;

const OLDEST_GO = 25;
const GO = `Go 1.${OLDEST_GO} or newer from go.dev`;

/** Command -> who has it, mostly a Debian package. */
const TOOLS = {
  go: GO,
  python3: 'python3',
  containerd: 'containerd',
  ctr: 'containerd',
  haproxy: 'haproxy',
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  flock: 'util-linux',
  'apt-ftparchive': 'apt-utils',
  gpg: 'gpg',
  'gpg-agent': 'gpg-agent',
  openssl: 'openssl',
  xz: 'xz-utils',
  dpkg: 'a Debian-based Linux',
};

/** Why no lab can be on this machine with its clusters in this folder, as one sentence; undefined when it can. */
export function whyNoLab(folder = defaultLabFolder()): string | undefined {
  const reason = whyNoRights();
  if (reason) return reason;
  const missing = Object.entries(TOOLS).filter(([tool]) => !isInPath(tool));
  if (missing.length > 0) return `the lab needs ${missing.map(([tool, from]) => `${tool} (${from})`).join(', ')}`;
  return whyNoNewNamespaces() ?? whyNotWithThisGo() ?? whyNotIn(folder);
}

/** Root of a container may have no right to make them. */
function whyNoNewNamespaces(): string | undefined {
  const made = spawnSync('unshare', ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--fork', 'true'], {
    encoding: 'utf8',
  });
  return made.status === 0 ? undefined : `this machine gives root no new namespaces (${made.stderr.trim()})`;
}

function whyNotWithThisGo(): string | undefined {
  const version = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout.trim();
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? OLDEST_GO);
  return minor >= OLDEST_GO ? undefined : `the lab needs ${GO}, and ${version} comes first in PATH`;
}

/** The disks of nodes are overlays themselves. */
function whyNotIn(folder: string): string | undefined {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  if (statfsSync(existing).type !== OVERLAYFS_SUPER_MAGIC) return undefined;
  return `${folder} is on an overlay file system, and nodes need a plain one: set KUBEADM_AUTOPILOT_LAB to a folder elsewhere`;
}

/** Why this process can neither make a lab cluster nor look at one that is up: what can be told at once. */
export function whyNoRights(): string | undefined {
  if (process.platform !== 'linux') return `the lab needs Linux; this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'the lab makes namespaces and needs root';
  return undefined;
}

export const hasCgroupV1 = (): boolean => !existsSync('/sys/fs/cgroup/cgroup.controllers');

export function checkHost(folder: string): void {
  const reason = whyNoLab(folder);
  if (reason) throw new Error(`No lab cluster can be made on this machine: ${reason}.`);
}

function isInPath(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)));
}
