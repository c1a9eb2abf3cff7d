import * as z from 'zod';
import { clusterName } from './cluster-config';

export const OPERATIONS = ['check-certificates', 'renew-certificates'] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** What started an operation. The same trigger delivered twice has the same id, and so gives the same execution name. */
export const trigger = z.strictObject({ source: z.string().max(40), id: z.string().min(1).max(256) });
export type Trigger = z.infer<typeof trigger>;

/** The input of every operation's state machine: `{"cluster":"demo"}` is enough. */
export const operationInput = z.strictObject({
  cluster: clusterName,
  /** Return the plan (or the nodes that would be asked) and stop before anything changes. */
  planOnly: z.boolean().optional(),
  /** renew-certificates: renew also what was renewed within the last hour. */
  force: z.boolean().optional(),
  /**
   * renew-certificates: ask every kubelet, also those of workers. One whose client certificate has expired gets a new
   * one, as on nodes that were off for longer than a certificate lives; one that is stopped is started. Control planes
   * that expired certificates have stopped come first, as many as etcd can spare; of a dead cluster all.
   */
  kubelets: z.boolean().optional(),
  /** check-certificates: days left under which a certificate is a finding; the cluster's own setting when absent. */
  thresholdDays: z.number().min(0, 'must be 0 or more days').max(3650).optional(),
  /** check-certificates: false = only report, whatever the cluster's settings allow. */
  renew: z.boolean().optional(),
  trigger: trigger.optional(),
});
export type OperationInput = z.infer<typeof operationInput>;

/**
 * Errors that a user can cause or mend. The name is the execution's error, the message one sentence: got, expected, what to do.
 * Thrown by Lambdas, caught and passed on by `conclude-failure`.
 */
export const USER_ERRORS = [
  'InvalidInput',
  'InvalidClusterConfig',
  'UnknownCluster',
  'NoControlPlane',
  'MixedClusters',
  'NodeUnreachable',
  'AgentTooOld',
  'NodeStepTimedOut',
  'NodeStepFailed',
  'GateRefused',
  'ClusterLocked',
  'TargetNotHealthy',
  'RenewalNotProven',
] as const;
export type UserErrorName = (typeof USER_ERRORS)[number];
