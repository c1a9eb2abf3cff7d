import { join } from 'node:path';
import { CommandFailed, runCommand } from './host-script';

/** Folders that a node of one Kubernetes version is made of. */
export interface LabBuild {
  /** The lab's own programs. */
  tools: string;
  /** What package repositories are signed and served with. */
  repositoryKeys: string;
  /** In stable/: a package repository for each minor that was built. */
  packages: string;
  /** The plain Debian system. */
  nodeImage: string;
  /** What the packages kubeadm, kubelet and kubectl put on a node; absent on bare ones. */
  layer?: string;
  /** containerd's folder with the unpacked images; absent when the version was built for its packages only. */
  imageStore?: string;
  /** The images as archives, for nodes that are to get those of another version; absent as above. */
  imageArchives?: string;
}

export interface BuildOptions {
  /** No container images: enough for nodes without a cluster, and built in less than half of the time. */
  packagesOnly?: boolean;
  /** Other versions that nodes can install from the package repository. */
  packagesOf?: string[];
  /** Other versions that a cluster can be upgraded to: nodes have their images too. */
  imagesOf?: string[];
  onProgress?: (what: string) => void;
  /** Ends the build, with all that it started. */
  signal?: AbortSignal;
}

/** What the build says when it begins and ends something; compilers and Go's module proxy say more. */
const IS_PROGRESS = /^(building|built) /;
/** Exit code of build.sh when it was asked for what it cannot build; its stderr is one sentence. */
const REFUSED = 2;

/** Builds what is not in `folder` yet: minutes the first time, a second later on. */
export async function buildLab(
  folder: string,
  kubernetesVersion: string,
  { packagesOnly = false, packagesOf = [], imagesOf = [], onProgress, signal }: BuildOptions = {},
): Promise<LabBuild> {
  // The whole version has its packages with it: three of its commands need not be built by themselves.
  const whole = [...new Set([kubernetesVersion, ...imagesOf])];
  const others = packagesOf.filter((version) => !whole.includes(version));
  const versions = packagesOnly ? ['--packages', kubernetesVersion, ...others] : [...whole, '--packages', ...others];
  const { stdout } = await runCommand([join(__dirname, 'build', 'build.sh'), folder, ...versions], {
    onLine: (line) => IS_PROGRESS.test(line) && onProgress?.(line),
    signal,
  }).catch((error: unknown) => {
    throw error instanceof CommandFailed && error.exitCode === REFUSED ? new Error(error.output.stderr.trim()) : error;
  });
  const folders = new Map(stdout.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const folderOf = (name: string): string => {
    const found = folders.get(name);
    if (!found) throw new Error(`build.sh did not say where ${name} is; it said: ${stdout}`);
    return found;
  };
  return {
    tools: folderOf('tools'),
    repositoryKeys: folderOf('repository_keys'),
    packages: folderOf('packages'),
    nodeImage: folderOf('node_image'),
    layer: folderOf(`layer_${kubernetesVersion}`),
    ...(!packagesOnly && {
      imageStore: folderOf(whole.length > 1 ? 'image_store_all' : `image_store_${kubernetesVersion}`),
      imageArchives: folderOf(`image_archives_${kubernetesVersion}`),
    }),
  };
}
