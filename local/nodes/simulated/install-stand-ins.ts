import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const STAND_INS = join(__dirname, 'stand-ins');
/** The real tools; the host's own PATH may hold anything. */
const HOST_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * Links the stand-ins into the node's /usr/bin: a tool that is not linked there is not installed. Where the host has a real one, which
 * would be found instead, its place is taken by one that says so.
 */
export function installStandIns(root: string, tools: string[]): void {
  mkdirSync(join(root, 'usr', 'bin'), { recursive: true });
  mkdirSync(join(root, 'usr', 'lib'), { recursive: true });
  symlinkSync(join(STAND_INS, 'lib'), join(root, 'usr', 'lib', 'stand-ins'));
  // For stand-ins that are written in JavaScript: not on the node's PATH.
  symlinkSync(process.execPath, join(root, 'usr', 'lib', 'node'));
  for (const tool of tools) symlinkSync(join(STAND_INS, tool), join(root, 'usr', 'bin', tool));
  for (const tool of NODE_TOOLS.filter((name) => !tools.includes(name))) {
    const onHost = HOST_PATH.some((folder) => existsSync(join(folder, tool)));
    if (onHost) symlinkSync(join(STAND_INS, 'lib', 'not-installed'), join(root, 'usr', 'bin', tool));
  }
}

/** Puts a tool of the host (cp, mv, sync ...) under the rule of NODE_ROOT/faults as well. */
export function coverHostTool(root: string, tool: string): void {
  const link = join(root, 'usr', 'bin', tool);
  if (!existsSync(link)) symlinkSync(join(STAND_INS, 'lib', 'host-tool'), link);
}

/** The node's own tools first, then the host's, then flock and timeout for hosts that have none. */
export function nodePath(root: string): string {
  return [join(root, 'usr', 'bin'), ...HOST_PATH, join(STAND_INS, 'fallback')].join(':');
}

export const NODE_TOOLS = [
  'kubeadm',
  'kubectl',
  'crictl',
  'systemctl',
  'journalctl',
  'apt-get',
  'openssl',
  'curl',
  'df',
  'du',
  'uname',
];
