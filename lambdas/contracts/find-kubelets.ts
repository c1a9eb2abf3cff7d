import * as z from 'zod';
import { clusterName } from './cluster-config';
import { namedInstance } from './node';

/** From the repair in renew-certificates to the Lambda `find-kubelets`. */
export const findKubeletsInput = z.object({ cluster: clusterName });
export type FindKubeletsInput = z.infer<typeof findKubeletsInput>;

/** Workers that Run Command does not reach, with the reason; the first 50 of them. */
export const unreachableWorkers = z.array(z.object({ name: z.string(), reason: z.string() }));

/** Its answer: every worker, in groups that one command can take. */
export const foundKubelets = z.object({
  groups: z.array(z.object({ nodes: z.array(namedInstance).min(1).max(50) })),
  unreachable: unreachableWorkers,
  /** How many more there are than `unreachable` holds. */
  moreUnreachable: z.number(),
});
export type FoundKubelets = z.infer<typeof foundKubelets>;

/** What became of one group, as the state machine keeps it: whole answers of a thousand workers would not fit into a state. */
export const kubeletsOfGroup = z.object({
  asked: z.number(),
  changed: z.number(),
  /** The first 20. */
  failures: z.array(z.object({ name: z.string(), message: z.string() })),
  failed: z.number(),
});
export type KubeletsOfGroup = z.infer<typeof kubeletsOfGroup>;
