import * as z from 'zod';
import { givenApproval } from './approval';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, namedInstance } from './node';
import { operationOptions } from './operation';
import { plan } from './plan';
import { nodeResult } from './run-on-nodes';

/** The node that is removed. Where no instance is known any more, its instance id is what the caller wrote. */
export const removedNode = namedInstance.extend({
  /** Absent in plans that were made before it was told. */
  role: z.enum(['control-plane', 'worker']).optional(),
  /** The name that Kubernetes knows it by. */
  nodeName: z.string(),
});
export type RemovedNode = z.infer<typeof removedNode>;

/** What remove-node does. The parts that are left out are those that an earlier run has done, and what nobody can do on a dead machine. */
export const removalPlan = plan.extend({
  operation: z.literal('remove-node'),
  /** dead: its machine is off, gone or out of reach, so only the cluster is cleaned up. */
  kind: z.enum(['worker', 'control-plane', 'dead']),
  /** Absent where a gate refuses because nobody knows such a node. */
  target: removedNode.optional(),
  /** The control plane that drains it, and lets the cluster forget it. Absent where there is none. */
  on: namedInstance.optional(),
  parts: z.object({
    leaveLoadBalancer: z.boolean(),
    drain: z.boolean(),
    /** Look at etcd and the API servers once more, right before its member leaves. */
    askAgain: z.boolean(),
    reset: z.boolean(),
  }),
  /** How its drain goes on after half a minute: as the cluster's settings say, or at once by force. */
  drain: z.object({
    drainMinutes: z.number().int(),
    stuckDrain: clusterConfig.shape.upgrade.unwrap().shape.stuckDrain.unwrap(),
    forceAtOnce: z.boolean(),
  }),
  /** Its etcd member works, and leaves before its data are deleted. */
  leaveEtcd: z.enum(['yes', 'no']),
  /** Id of its etcd member, or none. */
  member: z.string(),
  /** Control planes that answered, with the node itself where it is one of them. */
  controlPlanes: z.array(namedInstance),
  /** Other nodes that are not Ready already, and other members of etcd that are not healthy: nobody waits for those. */
  notReady: z.number().int(),
  unhealthyMembers: z.number().int(),
  /** What to tell when all is done. */
  whenDone: z.string(),
});
export type RemovalPlan = z.infer<typeof removalPlan>;

/** From the state machine remove-node to the Lambda `plan-removal`, which answers with a RemovalPlan. */
export const planRemovalInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('remove-node'),
  /** Control planes and workers of the cluster, reachable or not. */
  nodes: z.array(clusterNode),
  /** Results of scripts/inspect-for-upgrade.sh (UpgradeFacts), or why there is none. */
  facts: z.array(nodeResult),
  /** Result of scripts/preflight.sh on the node itself; empty where Run Command does not reach it. */
  machine: z.array(nodeResult),
});
export type PlanRemovalInput = z.input<typeof planRemovalInput>;

/** From remove-node to the Lambda `deregister-node`, when the node is gone. */
export const deregisterNodeInput = z.object({
  cluster: clusterName,
  /** ARN of the operation's execution, which may have taken the node out of its load balancer before. */
  execution: z.string().min(1),
  node: namedInstance,
});
export type DeregisterNodeInput = z.infer<typeof deregisterNodeInput>;

/** Its answer. */
export const deregisteredNode = z.object({
  /** Names of the target groups in which it was a target. */
  groups: z.array(z.string()),
});
export type DeregisteredNode = z.infer<typeof deregisteredNode>;

/** Output of the remove-node state machine. */
export const removalReport = z.object({
  cluster: z.string(),
  plan: removalPlan,
  outcome: z.enum(['removed', 'nothing']),
  /** What is left on the machine, a sentence each. */
  warnings: z.array(z.string()),
  /** Target groups that it is no target of any more. */
  targetGroups: z.array(z.string()),
  /** Who asked and who approved, where the cluster's settings want approval. */
  approval: givenApproval.optional(),
  summary: z.string(),
});
export type RemovalReport = z.infer<typeof removalReport>;
