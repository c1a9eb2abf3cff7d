import * as z from 'zod';
import { clusterName } from './cluster-config';

/**
 * The item of the lock table that asks a cluster's operation to stop after the node at which it is: read before each node. Written by
 * `stop-operation`, and by a machine that upgrades several workers when one of them has failed. It holds for the execution that it names
 * alone, so one that was left behind stops nobody else.
 */
export const stopRequest = z.object({
  cluster: clusterName,
  /** ARN of the execution that is to stop. */
  holder: z.string(),
});
export type StopRequest = z.infer<typeof stopRequest>;

/** Of its key in the lock table, after the cluster's name: no cluster's name has a slash, so it is none's lock. */
export const STOP_REQUEST_SUFFIX = '/stop';
export const stopRequestKey = (cluster: string): string => `${cluster}${STOP_REQUEST_SUFFIX}`;

/** To the Lambda `stop-operation`. */
export const stopOperationInput = z.strictObject({ cluster: clusterName });
export type StopOperationInput = z.infer<typeof stopOperationInput>;

/** Its answer. */
export const stoppingOperation = z.object({
  /** Name and execution's ARN of the operation that ends after the node at which it is. */
  operation: z.string(),
  execution: z.string(),
});
export type StoppingOperation = z.infer<typeof stoppingOperation>;
