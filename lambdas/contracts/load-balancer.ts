import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { namedInstance } from './node';

/** A node as a target of one target group: what it takes to put it back. */
export const target = z.object({
  targetGroupArn: z.string(),
  targetGroupName: z.string(),
  /** Instance id, or the private address in a group of addresses. */
  id: z.string(),
  port: z.number(),
});
export type Target = z.infer<typeof target>;

/**
 * The turn of one control plane, as `leave-load-balancer` and then `return-to-load-balancer` answer it; the state machine keeps it and
 * hands it on.
 */
export const loadBalancerTurn = z.object({
  /** Target groups that it was taken out of: empty when it stays everywhere, or is in none. */
  left: z.array(target),
  /**
   * wait: ask again after `waitSeconds`; settle: drained, wait `waitSeconds` and look at the control planes again; go: what comes next
   * may come now.
   */
  next: z.enum(['wait', 'settle', 'go']),
  waitSeconds: z.number().int().min(0),
  /** Since when it is waited for its health, ISO 8601; absent while it leaves. */
  returningSince: z.string().optional(),
  /** What happened, for the report: one sentence with the node's name. */
  said: z.string(),
});
export type LoadBalancerTurn = z.infer<typeof loadBalancerTurn>;

const turnOf = z.object({
  cluster: clusterName,
  /** ARN of the operation's execution, which holds the cluster's lock. */
  execution: z.string().min(1),
  /** When this state was entered, ISO 8601: the clock by which waiting is measured. */
  at: z.string(),
  node: namedInstance,
});

/** From the Map of renew-certificates to the Lambda `leave-load-balancer`, until its answer is no longer `wait`. */
export const leaveLoadBalancerInput = turnOf.extend({
  config: clusterConfig,
  operation: z.string(),
  /** When the execution began, for the lock. */
  since: z.string(),
});
export type LeaveLoadBalancerInput = z.infer<typeof leaveLoadBalancerInput>;

/** To the Lambda `return-to-load-balancer`, after the restart, until its answer is `go`. Fails with TargetNotHealthy after a while. */
export const returnToLoadBalancerInput = turnOf.extend({ turn: loadBalancerTurn });
export type ReturnToLoadBalancerInput = z.infer<typeof returnToLoadBalancerInput>;

/**
 * The item of the lock table that says what a cluster's operation has taken out of its load balancer: written before it is taken out,
 * deleted once it is back. Whoever ends an execution, or takes the lock from a dead one, puts back what it finds here.
 */
export const loadBalancerRecord = z.object({
  cluster: clusterName,
  /** ARN of the execution that took the node out. */
  holder: z.string(),
  node: namedInstance,
  /** When, ISO 8601. */
  since: z.string(),
  targets: z.array(target),
});
export type LoadBalancerRecord = z.infer<typeof loadBalancerRecord>;

/** Its key in the lock table: no cluster's name has a slash, so it is none's lock. */
export const loadBalancerKey = (cluster: string): string => `${cluster}/load-balancer`;

/**
 * From create-cluster to the Lambda `register-targets`, when a control plane begins to serve; its answer is a LoadBalancerTurn that waits for
 * its health (`return-to-load-balancer`).
 */
export const registerTargetsInput = z.object({
  cluster: clusterName,
  node: namedInstance,
  config: clusterConfig,
});
export type RegisterTargetsInput = z.infer<typeof registerTargetsInput>;
