import * as z from 'zod';
import { clusterName } from './cluster-config';

/**
 * The item of the lock table that asks a cluster's operation to stop after the node at which it is: read before each node. Written by the
 * API when somebody stops an operation that way or freezes the cluster, by an operation that has to end with its maintenance window, and by a
 * machine that upgrades several workers when one of them has failed. It holds for the execution that it names alone, so one that was left
 * behind stops nobody else.
 */
export const stopRequest = z.object({
  cluster: clusterName,
  /** ARN of the execution that is to stop. */
  holder: z.string(),
  /** ISO 8601: it holds from then on; absent: at once. */
  notBefore: z.string().optional(),
});
export type StopRequest = z.infer<typeof stopRequest>;

/** Of its key in the lock table, after the cluster's name: no cluster's name has a slash, so it is none's lock. */
export const STOP_REQUEST_SUFFIX = '/stop';
export const stopRequestKey = (cluster: string): string => `${cluster}${STOP_REQUEST_SUFFIX}`;
/** Every stop request, as a pattern for IAM's condition key `dynamodb:LeadingKeys`. */
export const EVERY_STOP_REQUEST = stopRequestKey('*');
