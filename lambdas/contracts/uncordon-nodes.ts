import * as z from 'zod';
import { clusterName } from './cluster-config';
import { operationLock } from './run-on-nodes';

/** Input of the state machine uncordon-nodes, from `on-operation-ended`, for an operation that ended with nodes drained. */
export const uncordonNodesInput = z.object({
  operation: z.string(),
  /** RunOnNodes looks for it in the input of whoever holds the lock. */
  cluster: clusterName,
  /** The operation's own input. */
  input: z.unknown(),
  /** Of the operation, which has ended; uncordon-nodes takes it over, and gives it back at the end. */
  lock: operationLock,
});
export type UncordonNodesInput = z.infer<typeof uncordonNodesInput>;
