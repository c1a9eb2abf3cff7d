import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { UpgradeReport } from '../../../lambdas/contracts/upgrade-outcomes';
import { table } from '../../../cli/output/text';
import type { ControlPlaneTurn } from '../../../lib/operations/upgrade-control-plane';

/** Steps of a node's turn in the order in which they are done. */
const STEPS = ['raise-etcd', 'upgrade-kubeadm', 'drain-node', 'upgrade-kubelet', 'uncordon-node'];

/** Seconds that each node of an upgrade took, by step. */
export function secondsTable({ rows }: Pick<UpgradeReport, 'rows'>): string {
  return table(
    ['node', ...STEPS, 'together'],
    rows.map(({ node, seconds }) => {
      const together = Object.values(seconds).reduce((sum, one) => sum + one, 0);
      return [node, ...STEPS.map((step) => String(seconds[step] ?? '–')), String(together)];
    }),
  );
}

/** When each turn of a control plane began and ended, its way out of the load balancer and back included. @param history oldest event first */
export function turnsTable(history: HistoryEvent[]): string {
  const ends = history.flatMap((event) =>
    event.stateExitedEventDetails?.name === 'This control plane is done' ? [event.timestamp!] : [],
  );
  const begins = history.flatMap(({ timestamp, stateEnteredEventDetails: entered }) =>
    entered?.name === 'Read whether to stop' ? [{ at: timestamp!, ...(JSON.parse(entered.input!) as Turn) }] : [],
  );
  return table(
    ['turn', 'from', 'to', 'seconds'],
    // One at a time, so they end in the order in which they begin.
    begins.map(({ name, only, at }, index) => {
      const end = ends[index];
      const seconds = end ? String(Math.round((end.getTime() - at.getTime()) / 1000)) : '–';
      return [only === 'nothing' ? name : `${name}: ${only}`, at.toISOString(), end?.toISOString() ?? '–', seconds];
    }),
  );
}

type Turn = Pick<ControlPlaneTurn, 'name' | 'only'>;
