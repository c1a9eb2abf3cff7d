import * as z from 'zod';

export const nodeRole = z.enum(['control-plane', 'worker', 'etcd']);
export type NodeRole = z.infer<typeof nodeRole>;

/** One EC2 instance of a cluster, as `find-nodes` sees it through EC2 and SSM. */
export const clusterNode = z.object({
  instanceId: z.string(),
  /** The instance's Name tag; its private DNS name, else its id, where there is none. */
  name: z.string(),
  role: nodeRole,
  privateIp: z.string().optional(),
  /** How many machines away the instance metadata service answers. Absent where that is 1, the instance alone. */
  metadataHopLimit: z.number().int().min(1).max(64).optional(),
  /** Its tag kubeadm-autopilot:group, else the name of its Auto Scaling group. */
  group: z.string().optional(),
  /** Its other tags kubeadm-autopilot:*, without that prefix and but for cluster and role; at most 5. Absent when it has none. */
  tags: z.record(z.string(), z.string()).optional(),
  /** A sentence why Run Command would not reach it ("instance is stopped", "SSM agent lost since ..."); absent when it would, or when nothing was asked of it. */
  unreachable: z.string().optional(),
  /** State of the instance where it is not running, as EC2 calls it: stopped, stopping, pending. */
  state: z.string().optional(),
});
export type ClusterNode = z.infer<typeof clusterNode>;

/** A node by what commands and reports need of it. */
export const namedInstance = z.object({ instanceId: z.string(), name: z.string() });
export type NamedInstance = z.infer<typeof namedInstance>;

/** An instance with the cluster's tag and none that names its role: nobody knows what may be asked of it. */
export const mistaggedNode = namedInstance.extend({
  /** One sentence: what tag it has, what was expected. */
  problem: z.string(),
});
export type MistaggedNode = z.infer<typeof mistaggedNode>;
