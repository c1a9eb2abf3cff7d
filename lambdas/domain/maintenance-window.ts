import { Cron } from 'croner';
import type { MaintenanceWindow } from '../contracts/maintenance-settings';

const HOUR_MS = 3_600_000;

/** Open until `closesAt`, or closed until `opensAt`; without any window neither, as without limits. */
export interface WindowState {
  isOpen: boolean;
  closesAt?: Date;
  opensAt?: Date;
}

/**
 * How a cluster's windows stand at `now`: of several that are open the one that closes last counts.
 * @throws TypeError or RangeError: an expression that is no crontab's, or a time zone that there is not
 */
export function windowsAt(windows: readonly MaintenanceWindow[], now: Date): WindowState {
  if (windows.length === 0) return { isOpen: true };
  const closings = windows.flatMap((window) => closing(window, now) ?? []);
  if (closings.length > 0) return { isOpen: true, closesAt: latest(closings) };
  const openings = windows.flatMap(({ cron, timeZone }) => new Cron(cron, { timezone: timeZone }).nextRun(now) ?? []);
  return openings.length > 0 ? { isOpen: false, opensAt: earliest(openings) } : { isOpen: false };
}

/** When the window that is open at `now` closes. */
function closing({ cron, hours, timeZone }: MaintenanceWindow, now: Date): Date | undefined {
  const job = new Cron(cron, { timezone: timeZone });
  let opened: Date | undefined;
  // One that opens this very second is open; nextRun looks strictly after.
  for (let at = new Date(now.getTime() - hours * HOUR_MS); ;) {
    const next = job.nextRun(at);
    if (!next || next.getTime() > now.getTime()) break;
    opened = next;
    at = next;
  }
  return opened && new Date(opened.getTime() + hours * HOUR_MS);
}

const latest = (dates: Date[]) => new Date(Math.max(...dates.map((date) => date.getTime())));
const earliest = (dates: Date[]) => new Date(Math.min(...dates.map((date) => date.getTime())));
