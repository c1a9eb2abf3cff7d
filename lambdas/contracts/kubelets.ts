import * as z from 'zod';

/** Workers that Run Command does not reach, with the reason; the first 50 of them. */
export const unreachableWorkers = z.array(z.object({ name: z.string(), reason: z.string() }));

/** What became of one group, as the state machine keeps it: whole answers of a thousand workers would not fit into a state. */
export const kubeletsOfGroup = z.object({
  asked: z.number(),
  changed: z.number(),
  /** The first 20. */
  failures: z.array(z.object({ name: z.string(), message: z.string() })),
  failed: z.number(),
});
export type KubeletsOfGroup = z.infer<typeof kubeletsOfGroup>;
