import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { kubeletsOfGroup, unreachableWorkers } from './kubelets';
import { namedInstance } from './node';
import { label, nodesReady } from './node-steps';
import { renewalPlan, renewalReport } from './renewal-plan';
import { nodeResult } from './run-on-nodes';

/**
 * Of a RenewalResult what the report tells, as the state machine keeps it: cut, so that it fits into a state whatever the node says, and
 * not yet validated.
 */
export const renewalAnswer = z.object({
  backup: label.optional(),
  restarted: z.array(label).max(10),
  kubeconfigs: z.array(z.object({ path: label, refreshed: z.boolean(), reason: z.string().optional() })).max(20),
});

/** The answers of nodes as they were renewed; a repair asks each node several times. */
export const renewalAnswers = z.array(namedInstance.extend({ answer: z.unknown() }));
export type RenewalAnswers = z.infer<typeof renewalAnswers>;

/** From the state machine renew-certificates to the Lambda `verify-renewal`, after the last node. */
export const verifyRenewalInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  /** The caller's `force`: renew also to certificates that end earlier, as the script does then. */
  force: z.boolean().default(false),
  plan: renewalPlan,
  /** The facts that the plan was made from: scripts/inspect-control-plane.sh with Inventory=yes. */
  before: z.array(nodeResult),
  /** The same script's answers after the last node. */
  after: z.array(nodeResult),
  answers: renewalAnswers,
  /** After a repair: what became of the kubelets, and which nodes are Ready. */
  repair: z
    .object({
      controlPlanes: kubeletsOfGroup,
      workers: z.array(kubeletsOfGroup),
      unreachableWorkers,
      ready: nodesReady,
    })
    .nullish(),
});
export type VerifyRenewalInput = z.input<typeof verifyRenewalInput>;
export type RepairOutcome = NonNullable<VerifyRenewalInput['repair']>;

/** Its answer when the renewal is proven (otherwise RenewalNotProven): the report, and the notification's subject and text. */
export const provenRenewal = renewalReport.extend({ subject: z.string().max(100), text: z.string() });
export type ProvenRenewal = z.infer<typeof provenRenewal>;
