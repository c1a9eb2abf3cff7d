import * as z from 'zod';

/** When upgrades, renewals and reconfigurations of a cluster may run. Without a window they may at any time. */
export const maintenanceWindow = z.strictObject({
  /** When it opens: minute, hour, day of the month, month, day of the week, as crontab has them. */
  cron: z
    .string()
    .max(100)
    .regex(
      /^[0-9*,/-]+ [0-9*,/-]+ [0-9L*,/-]+ [0-9A-Z*,/-]+ [0-9A-ZL#*,/-]+$/i,
      'must be minute, hour, day of the month, month and day of the week, such as "0 22 * * SAT"',
    ),
  /** How long it stays open. */
  hours: z.number().min(0.5, 'must be 0.5 to 168 hours').max(168, 'must be 0.5 to 168 hours'),
  timeZone: z.string().max(60).default('UTC'),
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;

export const maintenanceSettings = z.strictObject({ windows: z.array(maintenanceWindow).max(10).default([]) });

/** What the cluster's maintenance windows mean for an operation, ISO 8601: empty where there are none. */
export const plannedWindow = z.object({
  /** It waits until then. */
  opensAt: z.string().optional(),
  /** No node begins from then on. */
  stopAt: z.string().optional(),
});
export type PlannedWindow = z.infer<typeof plannedWindow>;
