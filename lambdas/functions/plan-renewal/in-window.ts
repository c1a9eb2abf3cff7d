import type * as z from 'zod';
import type { planRenewalInput, RenewalPlan } from '../../contracts/renewal';
import type { ControlPlane } from '../../domain/nodes/answers';
import { lifetimeSeconds } from '../../domain/certificates/threshold';
import { dateIn, DAY } from '../../domain/text/time-left';
import { warned, type Wanted } from '../../domain/plan';
import { inMaintenanceWindow } from '../../gates/window-gate';
import { notServed, runsOutWithin } from './control-planes';

const DAY_MS = 24 * 3_600_000;
/** What a certificate has to have left when the next window opens, in days, and of its lifetime: a renewal that fails there can be tried again. */
const LEFT_DAYS = 3;
const LEFT_SHARE = 0.1;
/** Checks start renewals every day: one that waits longer would meet the next ones. */
const MOST_WAIT_MS = DAY_MS;

type Planned = Omit<Wanted<RenewalPlan>, 'operation' | 'notAsked'>;

/**
 * The renewal as the cluster's maintenance windows let it begin: no node that would not be done when one closes. One that cannot wait for the next
 * window is not held back: a certificate would run out, or an earlier renewal was cut off. A repair never waits.
 * @returns `postponed`: there is nothing to do yet
 */
export function inWindow(
  planned: Planned,
  { config, options }: z.output<typeof planRenewalInput>,
  answers: ControlPlane[],
  now: Date,
): { planned: Planned; postponed: boolean } {
  const { windows } = config.maintenance;
  const { timeZone } = config.certificates;
  if (windows.length === 0 || planned.kind === 'repair' || planned.steps.length + planned.etcd.length === 0)
    return { planned, postponed: false };
  const longestNodeSeconds = Math.max(
    ...[...planned.steps, ...planned.etcd].map(({ predictedSeconds }) => predictedSeconds),
  );
  const ask = (waits: boolean) => inMaintenanceWindow({ windows, now, timeZone, waits, longestNodeSeconds });
  const { gate, opensAt, stopAt } = ask(true);
  const add = (more: typeof gate, window = {}) => ({ ...planned, window, gates: [...planned.gates, more] });
  if (opensAt === undefined) return { planned: add(gate, stopAt && { stopAt }), postponed: false };
  const opens = dateIn(opensAt, timeZone);
  const waitMs = Date.parse(opensAt) - now.getTime();
  if (isUrgent(answers, waitMs, now)) {
    const reason = `The next maintenance window opens at ${opens}, which is too late for a certificate, or a renewal was cut off: it begins now.`;
    return { planned: add(warned(gate.name, reason)), postponed: false };
  }
  if (!options.waitForWindow) return { planned: add(ask(false).gate), postponed: false };
  if (waitMs <= MOST_WAIT_MS) return { planned: add(gate, { opensAt }), postponed: false };
  const summary = `The certificates of ${config.cluster} last beyond its next maintenance window, which opens at ${opens}: nothing is renewed before. A renewal with waitForWindow waits from a day before on, as the one that the daily check starts.`;
  return { planned: { ...add(gate), summary }, postponed: true };
}

const isUrgent = (answers: ControlPlane[], waitMs: number, now: Date): boolean =>
  answers.some(
    (node) =>
      node.value.renewal.unfinished ||
      notServed(node.value).length > 0 ||
      runsOutWithin(node, (certificate) => waitMs / 1000 + leftSeconds(certificate), now),
  );

function leftSeconds(certificate: Parameters<typeof lifetimeSeconds>[0]): number {
  return Math.min(LEFT_DAYS * DAY, (lifetimeSeconds(certificate) ?? Infinity) * LEFT_SHARE);
}
