import type { MaintenanceWindow } from '../contracts/maintenance-settings';
import type { Gate } from '../contracts/plan';
import { passed, refused, warned } from '../domain/plan';
import { timeIn } from '../domain/text/time-zone';
import { windowsAt } from '../domain/maintenance-window';

export interface WindowQuestion {
  windows: readonly MaintenanceWindow[];
  now: Date;
  /** In which people read the cluster's times. */
  timeZone: string;
  /** A start outside a window waits for the next one. */
  waits: boolean;
  /** Of the node that takes longest. */
  longestNodeSeconds: number;
}

/** What the cluster's maintenance windows say of a start now. */
export interface WindowAnswer {
  gate: Gate;
  /** ISO 8601: it begins then. */
  opensAt?: string;
  /** ISO 8601: from then on no node begins, because it would not end before the window does. */
  stopAt?: string;
}

/** Nothing begins outside a window, and no node that would not be done when it closes. */
export function inMaintenanceWindow({
  windows,
  now,
  timeZone,
  waits,
  longestNodeSeconds,
}: WindowQuestion): WindowAnswer {
  const name = 'maintenance-window';
  const time = (date: Date) => timeIn(date, timeZone);
  const { isOpen, closesAt, opensAt } = windowsAt(windows, now);
  if (isOpen && !closesAt) return { gate: passed(name, 'The cluster has no maintenance windows.') };
  const stopAt = closesAt && new Date(closesAt.getTime() - longestNodeSeconds * 1000);
  if (closesAt && stopAt && stopAt > now) {
    const reason = `The maintenance window is open until ${time(closesAt)}; from ${time(stopAt)} on no node begins.`;
    return { gate: passed(name, reason), stopAt: stopAt.toISOString() };
  }
  const next = opensAt ?? nextOpening(windows, closesAt);
  const why = closesAt
    ? `The maintenance window closes at ${time(closesAt)}, and a node takes ${Math.ceil(longestNodeSeconds / 60)} minutes`
    : `It is ${time(now)}, outside the cluster's maintenance windows`;
  if (!next)
    return {
      gate: refused(
        name,
        `${why}; none opens any more.`,
        "Correct maintenance.windows in the cluster's settings and deploy again.",
      ),
    };
  if (waits) return { gate: warned(name, `${why}: it waits until ${time(next)}.`), opensAt: next.toISOString() };
  return {
    gate: refused(
      name,
      `${why}.`,
      `Start it at ${time(next)}, or now with the option waitForWindow: then it waits until that time.`,
    ),
  };
}

/** After the one that is open now. */
const nextOpening = (windows: readonly MaintenanceWindow[], closesAt: Date | undefined): Date | undefined => {
  if (!closesAt) return undefined;
  const { isOpen, opensAt } = windowsAt(windows, new Date(closesAt.getTime() + 1000));
  return isOpen ? new Date(closesAt.getTime() + 1000) : opensAt;
};
