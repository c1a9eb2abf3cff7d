import * as z from 'zod';

/** A named yes/no check with a reason that a person understands. */
export const gate = z.object({ gate: z.string(), passed: z.boolean(), reason: z.string() });
export type Gate = z.infer<typeof gate>;

export const renewalPlan = z.object({
  cluster: z.string(),
  /** act: go through `steps` in order; nothing: all was renewed within the hour; refuse: a gate says no. */
  decision: z.enum(['act', 'nothing', 'refuse']),
  /** One sentence: what will be done, or why nothing will. */
  summary: z.string(),
  /** Empty unless the decision is act. */
  steps: z.array(z.object({ instanceId: z.string(), name: z.string(), why: z.string() })),
  gates: z.array(gate),
  /** SHA-256 over cluster, decision, nodes in order and answers of the gates, not their wording: plans that do the same share it. */
  digest: z.string(),
});
export type RenewalPlan = z.infer<typeof renewalPlan>;

/** One line of the before/after table. */
export const renewalRow = z.object({
  node: z.string(),
  certificate: z.string(),
  before: z.object({ serial: z.string().optional(), notAfter: z.string().optional(), daysLeft: z.number().optional() }),
  after: z.object({ serial: z.string().optional(), notAfter: z.string().optional(), daysLeft: z.number().optional() }),
  /** Serial in the TLS handshake after the renewal, for certificates that a port serves. */
  servedSerial: z.string().optional(),
});

/** Output of the renew-certificates state machine. */
export const renewalReport = z.object({
  cluster: z.string(),
  plan: renewalPlan,
  renewedNodes: z.array(z.string()),
  rows: z.array(renewalRow),
  summary: z.string(),
});
export type RenewalReport = z.infer<typeof renewalReport>;
