import { Cron } from 'croner';
import type { MaintenanceWindow } from '../../lambdas/contracts/maintenance-settings';

/** What is wrong with a window ("must ..."), by field: what its schema does not know. */
export function mistakesInWindow({ cron, timeZone }: MaintenanceWindow): ['cron' | 'timeZone', string][] {
  try {
    new Cron('0 0 * * *', { timezone: timeZone }).nextRun();
  } catch {
    return [['timeZone', 'must be an IANA name such as Europe/Berlin or UTC']];
  }
  try {
    return new Cron(cron, { timezone: timeZone }).nextRun() ? [] : [['cron', 'must open at some time']];
  } catch {
    return [['cron', 'must be minute, hour, day of the month, month and day of the week, such as "0 22 * * SAT"']];
  }
}
