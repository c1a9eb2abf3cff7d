import * as z from 'zod';
import { namedInstance } from './node';
import { OPERATIONS } from './operation';

/** A named yes/no check with a reason that a person understands; one that says no also says what to do. Each text is a sentence. */
export const gate = z.discriminatedUnion('passed', [
  z.object({
    name: z.string(),
    passed: z.literal(true),
    reason: z.string(),
    /** Somebody should know of it all the same: it does not stop the operation, or its owner excepted it. */
    warning: z.literal(true).optional(),
  }),
  z.object({ name: z.string(), passed: z.literal(false), reason: z.string(), whatToDo: z.string() }),
]);
export type Gate = z.infer<typeof gate>;
export type Refusal = Extract<Gate, { passed: false }>;

/** What an operation does on one node. */
export const planStep = namedInstance.extend({
  /** Such as "renew certificates". */
  action: z.string(),
  /** Half a sentence. */
  why: z.string(),
  predictedSeconds: z.number(),
});
export type PlanStep = z.infer<typeof planStep>;

/** What an operation is going to do, computed before anything changes. Operations extend it by what they alone need. */
export const plan = z.object({
  operation: z.enum(OPERATIONS),
  cluster: z.string(),
  /** Which way of the operation it is; each operation names its own. */
  kind: z.string(),
  /** act: go through `steps` in order; nothing: there is nothing to do; refuse: a gate says no. */
  decision: z.enum(['act', 'nothing', 'refuse']),
  /** What will be done, or why nothing will, in a sentence or two. */
  summary: z.string(),
  /** Empty unless the decision is act. */
  steps: z.array(planStep),
  gates: z.array(gate),
  /** For the whole operation; 0 unless the decision is act. Steps that are done at once do not add up. */
  predictedSeconds: z.number(),
  /** SHA-256 over what will be done: see `planDigest`. */
  digest: z.string(),
  /** The plan as a table, of an operation that has more to show than steps and gates. */
  text: z.string().optional(),
});
export type Plan = z.infer<typeof plan>;
