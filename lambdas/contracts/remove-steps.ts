import * as z from 'zod';
import { label } from './node-steps';

/** Result of scripts/reset-node.sh. */
export const resetNode = z.object({
  /** The name by which the cluster knew it. */
  node: label,
  /** False when it had been removed already. */
  changed: z.boolean(),
  /** What is left on the machine, a sentence each. */
  warnings: z.array(z.string().max(4000)).max(60),
});
export type ResetNode = z.infer<typeof resetNode>;

/** Result of scripts/forget-node.sh. */
export const forgottenNode = z.object({
  /** The control plane that it ran on. */
  node: label,
  /** The Kubernetes node that is gone. */
  target: label,
  /** False when nothing of it was left. */
  changed: z.boolean(),
  /** How many members a stacked etcd has now. */
  etcdMembers: z.number().int().optional(),
  /** Why etcd is not whole; absent when every member is healthy, and where etcd is external. */
  etcdReason: z.string().max(4000).optional(),
});
export type ForgottenNode = z.infer<typeof forgottenNode>;
