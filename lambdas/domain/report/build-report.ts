import type { OperationDetails, OperationProgress } from '../../contracts/api/operations';
import { givenApproval } from '../../contracts/approval';
import type { OperationReport } from '../../contracts/operation-report';
import { plan } from '../../contracts/plan';
import { renewalRow } from '../../contracts/renewal';
import { upgradeRow } from '../../contracts/upgrade-outcomes';

type Change = OperationReport['changes'][number];

/** What an operation did, from its output and its history. What an output does not have is left out: each operation has its own. */
export function buildReport(details: OperationDetails, { steps, plan: planned }: OperationProgress): OperationReport {
  const { current: _current, output, approval: _approval, ...summary } = details;
  const told = (output ?? {}) as { plan?: unknown; approval?: unknown; summary?: unknown; rows?: unknown };
  const made = plan.safeParse(told.plan).data ?? plan.safeParse(planned).data;
  const approval = givenApproval.safeParse(told.approval).data;
  return {
    ...summary,
    ...(made && { plan: { digest: made.digest, summary: made.summary } }),
    ...(approval && { approval }),
    ...(typeof told.summary === 'string' && { summary: told.summary }),
    steps,
    changes: (Array.isArray(told.rows) ? told.rows : []).flatMap(changesIn),
  };
}

function changesIn(row: unknown): Change[] {
  const renewed = renewalRow.safeParse(row).data;
  if (renewed) {
    const text = ({ serial, notAfter }: typeof renewed.before) =>
      [serial, notAfter && `until ${notAfter.slice(0, 10)}`].filter(Boolean).join(', ') || '-';
    const { node, certificate: what, before, after } = renewed;
    return [{ node, what, before: text(before), after: text(after) }];
  }
  const upgraded = upgradeRow.safeParse(row).data;
  if (!upgraded) return [];
  const { node, before = '-', after = '-', outcome } = upgraded;
  return [{ node, what: `kubelet (${outcome})`, before, after }];
}
