import * as z from 'zod';

/** What kubeadm patches, and the first minor of which it does. */
export const PATCH_TARGETS = {
  'kube-apiserver': 22,
  'kube-controller-manager': 22,
  'kube-scheduler': 22,
  etcd: 22,
  kubeletconfiguration: 25,
  corednsdeployment: 31,
  kubeproxydaemonset: 37,
} as const;
export type PatchTarget = keyof typeof PATCH_TARGETS;

/** target[suffix][+patchtype].extension; kubeadm applies those of a target in alphabetical order. */
const FILE_NAME = new RegExp(
  `^(${Object.keys(PATCH_TARGETS).join('|')})[A-Za-z0-9_-]{0,60}(?:\\+(strategic|merge|json))?\\.(?:yaml|json)$`,
);

/** Base64 with the names of the files: as many characters as a document takes (lib/node-access/node-steps/create.ts). */
export const MOST_PATCHES = 6000;

/** Where kubeadm finds them on each node (scripts/lib/kubeadm/patches.sh). */
export const PATCHES_DIRECTORY = '/etc/kubernetes/kubeadm-autopilot/patches';

/** Which part of Kubernetes a file patches, and how; undefined where kubeadm would not take it for a patch. */
export function readPatchName(file: string): { target: PatchTarget; type: 'strategic' | 'merge' | 'json' } | undefined {
  const [, target, type = 'strategic'] = FILE_NAME.exec(file) ?? [];
  return target === undefined
    ? undefined
    : { target: target as PatchTarget, type: type as 'strategic' | 'merge' | 'json' };
}

/** File name → content, as `kubeadm --patches` reads a directory of them. */
export const kubeadmPatches = z
  .record(z.string(), z.string().min(1, 'must be the text of a patch, which is not empty'))
  .superRefine((patches, context) => {
    for (const name of Object.keys(patches)) {
      if (readPatchName(name)) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `must have a name such as kube-apiserver0+strategic.yaml: one of ${Object.keys(PATCH_TARGETS).join(', ')}, a suffix if you like, +strategic, +merge or +json, then .yaml or .json`,
      });
    }
  })
  .default({});
export type KubeadmPatches = z.infer<typeof kubeadmPatches>;
