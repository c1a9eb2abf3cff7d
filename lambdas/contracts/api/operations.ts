import * as z from 'zod';
import { OPERATIONS } from '../operation';
import { plan } from '../plan';

/** Statuses of a Step Functions execution. */
export const OPERATION_STATUSES = [
  'RUNNING',
  'PENDING_REDRIVE',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
] as const;

/**
 * Identifies one run of one operation: the execution's name where `start-operation` gave it (`renew-certificates-prod-3f2a…`), else
 * `<operation>.<execution name>`. Step Functions' names may hold all but the characters that are left out here.
 */
export const operationId = z
  .string()
  .max(120)
  // No \p{Cc}, which not every library that reads the published document knows.
  .regex(/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]+$/u, 'must be an id as the API lists it');

/** Who asked for an operation. */
export const requester = z.object({
  /** schedule, api, the operation that started this one; "unknown" for an execution that was started directly in Step Functions. */
  source: z.string(),
  /** ARN of the IAM identity; only known for those that came by the API. */
  who: z.string().optional(),
});
export type Requester = z.infer<typeof requester>;

/** What the approval of an operation's plan has come to. */
export const approvalStatus = z
  .object({
    /** The operation's id. */
    id: z.string(),
    state: z.enum(['waiting', 'approved', 'rejected']),
    /** Half a sentence. */
    because: z.string(),
    /** Of the plan that is to be approved: goes with the approval. */
    digest: z.string(),
    summary: z.string(),
    /** How many have to approve. */
    needed: z.number().int(),
    approvedBy: z.array(z.string()),
    mayApprove: z.array(z.string()),
    /** Name of the person who asked for the operation; absent where nobody knows. */
    requester: z.string().optional(),
    /** Then it counts as rejected. */
    deadline: z.iso.datetime(),
  })
  .meta({ id: 'ApprovalStatus' });
export type ApprovalStatus = z.infer<typeof approvalStatus>;

export const operationSummary = z
  .object({
    id: z.string(),
    operation: z.enum(OPERATIONS),
    /** Absent when the input named none. */
    cluster: z.string().optional(),
    status: z.enum(OPERATION_STATUSES),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
    /** The plan alone was asked for. */
    planOnly: z.boolean(),
    requester,
    /** Of one that runs, where its plan needs approval. */
    approval: approvalStatus.optional(),
    /** Name of the error it ended with, such as GateRefused. */
    error: z.string().optional(),
    /** The error in one sentence, with what to do. */
    cause: z.string().optional(),
  })
  .meta({ id: 'OperationSummary' });
export type OperationSummary = z.infer<typeof operationSummary>;

export const operationDetails = operationSummary
  .extend({
    /** The execution's input, without what started it. */
    input: z.record(z.string(), z.unknown()),
    /** Names of the states that it is in now; empty once it has ended. */
    current: z.array(z.string()),
    /** What the operation ended with: a report, or the plan. Each operation has its own. */
    output: z.unknown().optional(),
    executionArn: z.string(),
  })
  .meta({ id: 'OperationDetails' });
export type OperationDetails = z.infer<typeof operationDetails>;

const STEP_STATES = ['running', 'succeeded', 'failed', 'stopped'] as const;
export type StepState = (typeof STEP_STATES)[number];

/** One state of the state machine that does something or waits, each time that it is entered. */
export const progressStep = z
  .object({
    name: z.string(),
    state: z.enum(STEP_STATES),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
    /** The script that it runs on the nodes, such as renew-certificates. */
    nodeStep: z.string().optional(),
    /** Run Command's id of it, once it has ended. */
    commandId: z.string().optional(),
    /** Of a drain: how many pods left which node. */
    evicted: z.object({ node: z.string(), pods: z.number().int() }).optional(),
    /** Those that it is about. */
    nodes: z.array(
      z.object({
        name: z.string(),
        state: z.enum(STEP_STATES),
        /** Why it failed there. */
        message: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'ProgressStep' });
export type ProgressStep = z.infer<typeof progressStep>;

export const operationProgress = z
  .object({
    operation: operationSummary,
    /** What it is going to do, once that is computed. */
    plan: plan.pick({ kind: true, decision: true, summary: true, steps: true, predictedSeconds: true }).optional(),
    /** In the order in which they began. */
    steps: z.array(progressStep),
  })
  .meta({ id: 'OperationProgress' });
export type OperationProgress = z.infer<typeof operationProgress>;

export const startedAnswer = z
  .object({
    id: z.string(),
    /** false: the same Idempotency-Key has started it before, and it has ended. */
    started: z.boolean(),
    status: z.string(),
  })
  .meta({ id: 'StartedOperation' });
export type StartedAnswer = z.infer<typeof startedAnswer>;
