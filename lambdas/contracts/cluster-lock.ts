import * as z from 'zod';
import { clusterName } from './cluster-config';
import { OPERATIONS } from './operation';

/**
 * The item of the lock table that is a cluster's lock (others may be its load-balancer record and the names of its secrets): at most one for a
 * cluster. Written by the operations' state machines and `take-over-lock`, and right before a change by `check-command` and
 * `leave-load-balancer`, which so find out whether it is still theirs (fencing). Deleted by the state machines,
 * `conclude-failure` and `on-operation-ended`; by `leave-load-balancer` when its execution had ended meanwhile.
 * `cluster` is a reserved word in DynamoDB expressions: conditions test `holder`, or name it as #cluster.
 */
export const lockItem = z.object({
  cluster: z.string(),
  /** ARN of the execution that holds it. */
  holder: z.string(),
  operation: z.string().optional(),
  /** ISO 8601. */
  since: z.string().optional(),
});
export type LockItem = z.infer<typeof lockItem>;

/** From an operation's state machine to the Lambda `take-over-lock`, after its own conditional put was refused. */
export const takeOverLockInput = z.object({
  cluster: clusterName,
  operation: z.enum(OPERATIONS),
  /** ARN of the execution that wants the lock. */
  holder: z.string().min(1),
});
export type TakeOverLockInput = z.infer<typeof takeOverLockInput>;

/** Its answer once the lock is held; ClusterLocked otherwise. */
export const takenLock = z.object({
  /** ARN of the execution that held it and no longer runs; absent when it was free or held by this one already. */
  takenFrom: z.string().optional(),
});
export type TakenLock = z.infer<typeof takenLock>;
