import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLabFolder } from '../../../local/nodes/lab/lab-folder';

/** What there is of a cluster on this machine: namespaces, links, control groups, processes, mounts, files. Nothing after `down`. */
export function traces(cluster: string): string[] {
  const folder = join(defaultLabFolder(), 'clusters', cluster);
  const namespaces = existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((name) => name === `lab.${cluster}` || name.startsWith(`lab.${cluster}.`))
    : [];
  // Its status is not looked at: it is 1 when a group of somebody else's vanishes meanwhile.
  const { stdout: groups } = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `lab.${cluster}`], {
    encoding: 'utf8',
  });
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && belongs(pid, folder));
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));
  return [
    ...namespaces,
    ...groups.split('\n').filter(Boolean),
    ...processes.map((pid) => `process ${pid}`),
    ...mounts,
    ...(existsSync(folder) ? [folder] : []),
  ];
}

/** Its root is a node's disk, or its command line names the cluster's folder. */
function belongs(pid: string, folder: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/root`).startsWith(folder) ||
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    );
  } catch {
    return false; // it has ended meanwhile
  }
}
