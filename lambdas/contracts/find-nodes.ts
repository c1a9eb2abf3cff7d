import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, namedInstance } from './node';
import { OPERATIONS } from './operation';

/** From the first state of every operation's state machine to the Lambda `find-nodes`. */
export const findNodesInput = z.object({
  operation: z.enum(OPERATIONS),
  /** The execution's input as it came, not checked yet. */
  input: z.unknown(),
});
export type FindNodesInput = z.infer<typeof findNodesInput>;

/** What the caller of an operation asked for, with the cluster's settings where he said nothing. */
export const operationOptions = z.object({
  force: z.boolean().default(false),
  planOnly: z.boolean().default(false),
  /** Kubelets, and no more of the control planes than these need: see OperationInput. */
  kubelets: z.boolean().default(false),
  /** Days left under which a leaf certificate is a finding. */
  thresholdDays: z.number().optional(),
  /** false: check-certificates only reports. */
  renew: z.boolean().default(true),
});
export type OperationOptions = z.infer<typeof operationOptions>;

/** Answer of `find-nodes` to the operation's state machine. */
export const foundNodes = z.object({
  cluster: clusterName,
  /** With every default filled in; `frozen` is also filled in from the tag kubeadm-autopilot:frozen of any of its nodes. */
  config: clusterConfig,
  options: operationOptions,
  /** Control planes and etcd nodes by name, reachable or not. Workers are only counted: a thousand would not fit into a state. */
  nodes: z.array(clusterNode),
  workers: z.number(),
  /** Whom Run Command reaches now: control planes; for check-certificates etcd nodes too. Never empty. */
  controlPlanes: z.array(namedInstance),
  unreachable: z.array(clusterNode),
  /** Why nothing may change on this cluster now; the same as `config.frozen`. */
  frozen: z.string().optional(),
});
export type FoundNodes = z.infer<typeof foundNodes>;
