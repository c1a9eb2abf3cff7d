import { join } from 'node:path';
import { runCommand } from './host-script';

/** Folders that a node of one Kubernetes version is made of. */
export interface LabBuild {
  /** The plain Debian system. */
  nodeImage: string;
  /** kubeadm, kubelet and kubectl. */
  layer: string;
  /** containerd's folder with the unpacked images. */
  imageStore: string;
  /** The images as archives, for nodes that are to get those of another version. */
  imageArchives: string;
}

/** Builds what is not in `folder` yet: minutes the first time, a second later on. */
export async function buildLab(
  folder: string,
  kubernetesVersion: string,
  onProgress?: (what: string) => void,
): Promise<LabBuild> {
  const { stdout } = await runCommand([join(__dirname, 'build', 'build.sh'), folder, kubernetesVersion], {
    onLine: onProgress,
  });
  const folders = new Map(stdout.split('\n').map((line) => line.split('=', 2) as [string, string]));
  const folderOf = (name: string): string => {
    const found = folders.get(name);
    if (!found) throw new Error(`build.sh did not say where ${name} is; it said: ${stdout}`);
    return found;
  };
  return {
    nodeImage: folderOf('node_image'),
    layer: folderOf(`layer_${kubernetesVersion}`),
    imageStore: folderOf(`image_store_${kubernetesVersion}`),
    imageArchives: folderOf(`image_archives_${kubernetesVersion}`),
  };
}
