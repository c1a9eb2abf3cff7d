import * as z from 'zod';
import { clusterName } from './cluster-config';
import { OPERATIONS, trigger } from './operation';

/**
 * To the Lambda `start-operation`, the one way in which an operation starts another one, or a schedule, the API or a chat starts one.
 */
export const startOperationInput = z.strictObject({
  operation: z.enum(OPERATIONS),
  cluster: clusterName,
  /** Fields of the operation's own input, and `planOnly`: see `requestedOptions`. */
  options: z.record(z.string(), z.unknown()).default({}),
  trigger,
});
export type StartOperationInput = z.infer<typeof startOperationInput>;
/** The same as its callers write it. */
export type StartRequest = z.input<typeof startOperationInput>;

export const startedOperation = z.object({
  executionArn: z.string(),
  /** false: the same trigger had been delivered before, and this is the execution it started then. */
  started: z.boolean(),
  status: z.string(),
});
export type StartedOperation = z.infer<typeof startedOperation>;
