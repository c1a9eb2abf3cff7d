import * as z from 'zod';

/**
 * Errors that a user can cause or fix. The name is the execution's error, the message one sentence: got, expected, what to do.
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
  'SnapshotNotProven',
  'PlanChanged',
  'ApprovalRejected',
  'DrainStuck',
  'NodeNotReady',
  'UpgradeNotProven',
] as const;
export type UserErrorName = (typeof USER_ERRORS)[number];

/** From the catch of an operation's state machine to the Lambda `conclude-failure`. */
export const concludeFailureInput = z.object({
  operation: z.string(),
  /** The execution's input as it came: it may be what is wrong. */
  input: z.unknown(),
  /** ARN of this execution. */
  execution: z.string(),
  /** `$states.errorOutput`. */
  error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }),
});
export type ConcludeFailureInput = z.infer<typeof concludeFailureInput>;

/** Its answer, which the Fail state ends the execution with. */
export const concludedFailure = z.object({
  /** One of USER_ERRORS, else the name that AWS gave it. */
  error: z.string(),
  /** One sentence: what happened, where, what to do. At most 1,000 characters, without secrets. */
  cause: z.string().max(1000),
});
export type ConcludedFailure = z.infer<typeof concludedFailure>;

/** EventBridge's "Step Functions Execution Status Change", from Step Functions to the Lambda `on-operation-ended`. */
export const executionEnded = z.object({
  detail: z.object({
    executionArn: z.string(),
    stateMachineArn: z.string(),
    status: z.string(),
    /** The execution's input as JSON text; null when it was too large for the event. */
    input: z.string().nullish(),
    /** Milliseconds since 1970. */
    startDate: z.number().nullish(),
    redriveCount: z.number().nullish(),
  }),
});
export type ExecutionEnded = z.infer<typeof executionEnded>;
