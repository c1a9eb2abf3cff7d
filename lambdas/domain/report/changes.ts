import { createReport } from '../../contracts/create';
import type { OperationReport } from '../../contracts/operation-report';
import { removalReport } from '../../contracts/remove';
import { renewalRow } from '../../contracts/renewal';
import { componentRow, upgradeRow } from '../../contracts/upgrade-outcomes';

type Change = OperationReport['changes'][number];

/** Versions and certificate serials, before and after, and nodes that came and went, as an operation's output tells them. */
export function changesOf(output: unknown): Change[] {
  const { rows, components, certificates } = (output ?? {}) as Record<string, unknown>;
  return [...listIn(rows), ...listIn(components), ...listIn(certificates)].flatMap(changesIn).concat(nodesOf(output));
}

const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function changesIn(row: unknown): Change[] {
  const renewed = renewalRow.safeParse(row).data;
  if (renewed) {
    const text = ({ serial, notAfter }: typeof renewed.before) =>
      [serial, notAfter && `until ${notAfter.slice(0, 10)}`].filter(Boolean).join(', ') || '-';
    const { node, certificate: what, before, after } = renewed;
    return [{ node, what, before: text(before), after: text(after) }];
  }
  const component = componentRow.safeParse(row).data;
  if (component) {
    const { node = 'cluster', component: what, before = '-', after = '-' } = component;
    return [{ node, what, before, after }];
  }
  const upgraded = upgradeRow.safeParse(row).data;
  if (!upgraded) return [];
  const { node, before = '-', after = '-', outcome } = upgraded;
  return [{ node, what: `kubelet (${outcome})`, before, after }];
}

function nodesOf(output: unknown): Change[] {
  const created = createReport.safeParse(output).data;
  if (created && created.outcome !== 'nothing') {
    const { init, controlPlanes, workers, version } = created.plan;
    return [...init, ...controlPlanes, ...workers].map(({ name: node }) => ({
      ...{ node, what: 'kubelet (joined)', before: '-', after: version },
    }));
  }
  const removed = removalReport.safeParse(output).data;
  if (removed?.outcome !== 'removed' || !removed.plan.target) return [];
  return [{ node: removed.plan.target.name, what: `node (${removed.plan.kind})`, before: 'member', after: 'removed' }];
}
