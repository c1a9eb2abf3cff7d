import * as z from 'zod';
import { approvalSettings, APPROVABLE, person } from './approval-settings';
import { clusterName } from './cluster-config';

/** What `start-operation` writes down of a start: who asked is known from there, never from the execution's input, which anybody may write. */
export const startRecord = z.object({
  /** ARN of the execution. */
  execution: z.string(),
  source: z.string(),
  who: z.string().optional(),
  /** Digest of the execution's input: another execution of that name is not the one that was asked for. */
  inputDigest: z.string(),
});
export type StartRecord = z.infer<typeof startRecord>;

/** Who asked for the operation. */
export const verifiedRequester = z.object({
  /** api, slack, check-certificates ...; unknown: nobody has verified it, as of an execution that was started in Step Functions. */
  source: z.string(),
  /** The identity. */
  who: z.string().optional(),
  /** Name in the cluster's `people`. */
  person: z.string().optional(),
});
export type VerifiedRequester = z.infer<typeof verifiedRequester>;

export const verdict = z.object({
  person: z.string(),
  /** The identity that the person came with. */
  who: z.string(),
  verdict: z.enum(['approve', 'reject']),
  reason: z.string().optional(),
  at: z.iso.datetime(),
});
export type Verdict = z.infer<typeof verdict>;

/** The record of an approval: at most one for an execution, and bound to one plan. */
export const approvalRecord = z.object({
  execution: z.string(),
  /** The operation's id, as the API has it. */
  id: z.string(),
  operation: z.enum(APPROVABLE),
  cluster: clusterName,
  /** Of the plan that is approved, with its summary. */
  digest: z.string(),
  summary: z.string(),
  requester: verifiedRequester,
  /** How many have to approve, and who may: the settings of when it was asked for. */
  needed: z.number().int(),
  approvers: z.array(z.string()),
  askedAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
  verdicts: z.array(verdict),
  /** The machine has seen that its time was over. */
  expired: z.literal(true).optional(),
});
export type ApprovalRecord = z.infer<typeof approvalRecord>;

/** From an operation's state machine to the Lambda `request-approval`, whenever its gates have passed. */
export const requestApprovalInput = z.object({
  operation: z.enum(APPROVABLE),
  cluster: clusterName,
  execution: z.string(),
  /** The execution's input as it came. */
  input: z.unknown(),
  people: z.array(person),
  settings: approvalSettings,
  plan: z.object({ digest: z.string(), summary: z.string() }),
  /** The machine's time, by which it waits. */
  now: z.iso.datetime(),
});
export type RequestApprovalInput = z.input<typeof requestApprovalInput>;

/** What an operation's output says of its approval. */
export const givenApproval = z.object({
  /** not-needed: an automatic renewal, where the settings let it go on without. */
  state: z.enum(['approved', 'not-needed']),
  requester: verifiedRequester,
  digest: z.string(),
  approvers: z.array(verdict.pick({ person: true, who: true, at: true })),
});
export type GivenApproval = z.infer<typeof givenApproval>;

/** Its answer. Fails with ApprovalRejected, and with PlanChanged where another plan was approved, or is waited for. */
export const requestedApproval = z.object({
  given: givenApproval.extend({ state: z.enum(['approved', 'not-needed', 'waiting']) }),
  id: z.string(),
  deadline: z.iso.datetime(),
  needed: z.number().int(),
  /** Nobody has been told yet that it is wanted. */
  isNew: z.boolean(),
  /** The notification that it is wanted. */
  subject: z.string().max(100),
  text: z.string(),
});
export type RequestedApproval = z.infer<typeof requestedApproval>;

/** To the Lambda `await-approval`, which keeps the token that wakes the machine. */
export const awaitApprovalInput = z.object({ execution: z.string(), token: z.string().min(1) });
export type AwaitApprovalInput = z.infer<typeof awaitApprovalInput>;
