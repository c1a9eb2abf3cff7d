import type { OperationDetails, OperationProgress, ProgressStep } from '../../contracts/api/operations';
import { givenApproval } from '../../contracts/approval';
import type { OperationCost } from '../../contracts/operation-cost';
import type { OperationReport } from '../../contracts/operation-report';
import { plan } from '../../contracts/plan';
import { upgradePlan } from '../../contracts/upgrade';
import { dollarsOf, type CountedUsage } from '../cost/prices';
import { changesOf } from './changes';

/** What the executions that an operation ran tell of it. */
export interface Nested {
  steps: ProgressStep[];
  used: CountedUsage;
  complete: boolean;
  /** The cluster's, as the operation has read it. */
  timeZone?: string | undefined;
}

/** What an operation did, from its output and its history. What an output does not have is left out: each operation has its own. */
export function buildReport(details: OperationDetails, progress: OperationProgress, nested?: Nested): OperationReport {
  const { current: _current, output, approval: _approval, ...summary } = details;
  const told = (output ?? {}) as { plan?: unknown; approval?: unknown; summary?: unknown };
  const made = plan.safeParse(told.plan).data ?? plan.safeParse(progress.plan).data;
  const approval = givenApproval.safeParse(told.approval).data;
  const steps = [...progress.steps, ...(nested?.steps ?? [])].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  return {
    ...summary,
    ...(nested?.timeZone !== undefined && { timeZone: nested.timeZone }),
    ...(made && { plan: { digest: made.digest, summary: made.summary } }),
    ...(approval && { approval }),
    ...(typeof told.summary === 'string' && { summary: told.summary }),
    steps,
    evictions: evictionsOf(steps),
    ...(nested && { cost: costOf(nested, told.plan) }),
    changes: changesOf(output),
  };
}

/** A drain that goes on counts its own pods alone. */
function evictionsOf(steps: ProgressStep[]): OperationReport['evictions'] {
  const pods = new Map<string, number>();
  for (const { evicted } of steps) if (evicted) pods.set(evicted.node, (pods.get(evicted.node) ?? 0) + evicted.pods);
  return [...pods].map(([node, count]) => ({ node, pods: count }));
}

function costOf({ used, complete }: Nested, planned: unknown): OperationCost {
  const predicted = upgradePlan.pick({ transitions: true, dollars: true }).safeParse(planned).data;
  return {
    ...(predicted && { planned: { stateTransitions: predicted.transitions, dollars: predicted.dollars } }),
    ...used,
    dollars: dollarsOf(used),
    complete,
  };
}
