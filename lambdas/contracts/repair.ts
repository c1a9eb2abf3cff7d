import * as z from 'zod';
import { clusterName } from './cluster-config';

/** From the repair in renew-certificates, and from create-cluster, to the Lambda `bootstrap-secret`. */
export const bootstrapSecretInput = z.object({
  action: z.enum(['create', 'delete']),
  cluster: clusterName,
  /** ARN of the execution that needs it, which holds the cluster's lock. */
  execution: z.string().min(1),
  /** Also the key with which the certificates of control planes are encrypted for those that join. */
  withCertificateKey: z.boolean().optional(),
});
export type BootstrapSecretInput = z.infer<typeof bootstrapSecretInput>;

/** Its answer: where the secrets are, never a secret. */
export const bootstrapSecret = z.object({
  name: z.string(),
  /** With `withCertificateKey` alone. */
  certificateKey: z.string().optional(),
});
export type BootstrapSecret = z.infer<typeof bootstrapSecret>;

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
