import * as z from 'zod';
import { label } from './node-steps';

/** Result of scripts/stage-upgrade.sh. */
export const stagedUpgrade = z.object({
  node: label,
  /** False when repository, packages and images were all there already. */
  changed: z.boolean(),
  /** X.Y.Z. */
  version: label,
  /** Container images of the version that are on the node now. */
  images: z.array(label),
});
export type StagedUpgrade = z.infer<typeof stagedUpgrade>;

/** Result of scripts/raise-etcd.sh. */
export const raisedEtcd = z.object({
  node: label,
  /** False when etcd ran that image, or a newer one, already. */
  changed: z.boolean(),
  /** That etcd runs now. */
  image: label,
});
export type RaisedEtcd = z.infer<typeof raisedEtcd>;

/** Result of scripts/upgrade-kubeadm.sh. */
export const upgradedKubeadm = z.object({
  node: label,
  changed: z.boolean(),
  /** X.Y.Z. */
  version: label,
  /** How long kubeadm took for each static pod that it replaced, and in all (`kubeadm`). Whole seconds. */
  seconds: z.record(label, z.number()),
  /** The image that each static pod's container runs now; empty on a worker. */
  images: z.record(label, label),
  /** Why nothing had to change, when nothing had. */
  reason: z.string().optional(),
});
export type UpgradedKubeadm = z.infer<typeof upgradedKubeadm>;

/** Result of scripts/drain-node.sh. */
export const drainedNode = z.object({
  /** The control plane that drained. */
  node: label,
  /** The Kubernetes node that was drained. */
  target: label,
  /** No pod is left on it but those of DaemonSets and static ones. */
  drained: z.boolean(),
  /** Somebody else had cordoned it before: it stays cordoned. */
  cordonedBefore: z.boolean(),
  /** Pods that left. */
  evicted: z.number().int(),
  /** What held the drain up; 20 pods at most. */
  blockedBy: z.array(
    z.object({
      /** NAMESPACE/NAME. */
      pod: label,
      /** The PodDisruptionBudget that does not let it go. */
      budget: label.optional(),
      reason: label,
    }),
  ),
});
export type DrainedNode = z.infer<typeof drainedNode>;

/** Result of scripts/upgrade-kubelet.sh. */
export const upgradedKubelet = z.object({
  node: label,
  changed: z.boolean(),
  /** X.Y.Z. */
  version: label,
});
export type UpgradedKubelet = z.infer<typeof upgradedKubelet>;

/** Result of scripts/uncordon-node.sh. */
export const uncordonedNode = z.object({
  /** The control plane that looked. */
  node: label,
  target: label,
  /** Ready, with a live lease, at the version asked for. */
  ready: z.boolean(),
  /** X.Y.Z of its kubelet; absent when the API server did not tell. */
  version: label.optional(),
  /** It takes pods. False when somebody else cordoned it, or it is not ready. */
  uncordoned: z.boolean(),
  /** Why it is not ready, or stays cordoned. */
  reason: z.string().optional(),
});
export type UncordonedNode = z.infer<typeof uncordonedNode>;
