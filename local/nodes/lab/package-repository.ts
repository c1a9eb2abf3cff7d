import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan';
import { startInBackground } from './host-script';
import type { LabBuild } from './lab-build';
import { networkNamespaceFile } from './network-namespace';

/** Of the public repository: the address that scripts have, and the one that it sends its clients to. */
export const PACKAGE_HOSTS = ['pkgs.k8s.io', 'prod-cdn.packages.k8s.io'];

/**
 * Serves the lab's packages in the network namespace of the switch, where nodes find them at https://pkgs.k8s.io/core:/stable:/v1.36/deb/. It
 * ends with the cluster; what is asked of it goes to packages.log.
 */
export async function servePackages(plan: ClusterPlan, build: LabBuild, folder: string): Promise<void> {
  const inSwitch = ['nsenter', `--net=${networkNamespaceFile(plan.name)}`];
  const server = [join(build.tools, 'repository'), join(build.packages, 'stable'), build.repositoryKeys];
  const log = join(folder, 'packages.log');
  startInBackground([...inSwitch, ...server, `${plan.gateway}:443`], log);
  for (let attempt = 0; attempt < 50; attempt++) {
    if ((await readFile(log, 'utf8')).startsWith('serving ')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The package repository did not start within 5 s: ${await readFile(log, 'utf8')}`);
}
