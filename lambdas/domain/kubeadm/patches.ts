import { PATCH_TARGETS, readPatchName, type KubeadmPatches, type PatchTarget } from '../../contracts/kubeadm-patches';
import type { NodeRole } from '../../contracts/node';
import { minorOf } from '../versions/version';

/** A worker has a kubelet of what can be patched, and its control plane the rest. */
const ON_WORKERS: PatchTarget[] = ['kubeletconfiguration'];

/** The patches that kubeadm reads on nodes of this role. */
export const patchesOf = (role: NodeRole, patches: KubeadmPatches): KubeadmPatches =>
  Object.fromEntries(
    Object.entries(patches).filter(
      ([name]) => role === 'control-plane' || ON_WORKERS.includes(readPatchName(name)!.target),
    ),
  );

/** As scripts/lib/kubeadm/patches.sh takes them: file:content in base64, with a comma between, or none. In the same order whatever the order of the settings. */
export function encodePatches(patches: KubeadmPatches): string {
  const files = Object.entries(patches).sort(([a], [b]) => (a < b ? -1 : 1));
  return files.map(([name, text]) => `${name}:${Buffer.from(text).toString('base64')}`).join(',') || 'none';
}

/** Patches of what this release of kubeadm cannot patch, half a sentence each: it would take no patch at all. */
export const unknownPatches = (version: string, patches: KubeadmPatches): string[] =>
  Object.keys(patches)
    .filter((name) => PATCH_TARGETS[readPatchName(name)!.target] > (minorOf(version) ?? 0))
    .map((name) => `patches has ${name}, which kubeadm 1.${PATCH_TARGETS[readPatchName(name)!.target]} and newer know`);
