import * as z from 'zod';
import { operationLock } from './run-on-nodes';

/** Input of the state machine uncordon-nodes, from `on-operation-ended`, for an operation that ended with nodes drained. */
export const uncordonNodesInput = z.object({
  operation: z.string(),
  /** The operation's own input. */
  input: z.unknown(),
  /** Of the operation, which has ended; given back at the end. */
  lock: operationLock,
});
export type UncordonNodesInput = z.infer<typeof uncordonNodesInput>;
