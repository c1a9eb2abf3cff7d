import * as z from 'zod';
import { givenApproval } from './approval';
import { operationSummary, progressStep } from './api/operations';
import { operationCost } from './operation-cost';

/** Where reports are in the operations bucket: `<key>.json` and `<key>.html`. */
export const REPORT_PREFIX = 'reports/';
export const REPORT_KEPT_DAYS = 400;
export const reportKey = (cluster: string, id: string) => `${REPORT_PREFIX}${cluster}/${id}`;

/** What an operation did, for people and for whoever audits it: `autopilot report ID --html FILE` shows it as a page. */
export const operationReport = z
  .object({
    ...operationSummary.omit({ approval: true }).shape,
    executionArn: z.string(),
    /** IANA name: people read this cluster's times in it. Absent where the operation failed before it knew it, and in reports of before. */
    timeZone: z.string().optional(),
    input: z.record(z.string(), z.unknown()),
    /** Digest of the plan, with what it was going to do. */
    plan: z.object({ digest: z.string(), summary: z.string() }).optional(),
    /** Who approved the plan. */
    approval: givenApproval.optional(),
    /** What came out, in a sentence. */
    summary: z.string().optional(),
    /** Also those of executions that did a part of the work; in the order in which they began. */
    steps: z.array(progressStep),
    /** Pods that drains made leave, by node. */
    evictions: z.array(z.object({ node: z.string(), pods: z.number().int() })),
    /** At AWS list prices: what the plan predicted and what the histories of all its executions tell. Absent where those were not read. */
    cost: operationCost.optional(),
    /** Versions and certificate serials, before and after; a row each. */
    changes: z.array(z.object({ node: z.string(), what: z.string(), before: z.string(), after: z.string() })),
  })
  .meta({ id: 'OperationReport' });
export type OperationReport = z.infer<typeof operationReport>;
