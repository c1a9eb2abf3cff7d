import * as z from 'zod';
import { clusterName } from './cluster-config';
import { OPERATIONS, trigger } from './operation';

/** From EventBridge Scheduler (and later triggers) to the Lambda `start-operation`. */
export const startOperationInput = z.strictObject({
  operation: z.enum(OPERATIONS),
  cluster: clusterName,
  trigger,
});
export type StartOperationInput = z.infer<typeof startOperationInput>;

export const startedOperation = z.object({
  executionArn: z.string(),
  /** false: the same trigger had been delivered before, and this is the execution it started then. */
  started: z.boolean(),
  status: z.string(),
});
export type StartedOperation = z.infer<typeof startedOperation>;
