import * as z from 'zod';
import { givenApproval } from './approval';
import { clusterName } from './cluster-config';
import { createPlan } from './create';
import { clusterNode } from './node';
import { operationOptions } from './operation';
import { plan } from './plan';
import { removalPlan } from './remove';

/** What replace-node does: the plans of its two halves, put together. */
export const replacementPlan = plan.extend({
  operation: z.literal('replace-node'),
  /** dead: it leaves first, because etcd takes no new member while one of its members is away. */
  kind: z.enum(['worker', 'control-plane', 'dead']),
  /** Instance ids of the node that leaves (of one without an instance, its name) and of the machine that joins. */
  node: z.string(),
  with: z.string(),
  /** What to tell when all is done. */
  whenDone: z.string(),
});
export type ReplacementPlan = z.infer<typeof replacementPlan>;

/** From the state machine replace-node to the Lambda `plan-replacement`, which answers with a ReplacementPlan. */
export const planReplacementInput = z.object({
  cluster: clusterName,
  options: operationOptions('replace-node'),
  /** Control planes and workers of the cluster, reachable or not. */
  nodes: z.array(clusterNode),
  removal: removalPlan,
  join: createPlan.omit({ configuration: true }),
});
export type PlanReplacementInput = z.input<typeof planReplacementInput>;

/** Output of the replace-node state machine. */
export const replacementReport = z.object({
  cluster: z.string(),
  plan: replacementPlan,
  outcome: z.enum(['replaced', 'nothing']),
  /** What is left on the machine that left, a sentence each. */
  warnings: z.array(z.string()),
  summary: z.string(),
  /** Who asked and who approved, where the cluster's settings want approval. */
  approval: givenApproval.optional(),
});
export type ReplacementReport = z.infer<typeof replacementReport>;
