import * as z from 'zod';
import { finding } from './certificate-check';

/** Events on the app's own bus, for whoever wants to react to them: rules of this account, later the dashboard and Slack. */
export const EVENT_SOURCE = 'kubeadm-autopilot';
export const METRICS_NAMESPACE = 'KubeadmAutopilot';

export const EVENT = {
  /** From `assess-certificates`, one for each finding. */
  certificateFinding: 'Certificate Finding',
  /** From the state machine renew-certificates. */
  certificatesRenewed: 'Certificates Renewed',
  /** From the state machine back-up-etcd. */
  etcdBackedUp: 'Etcd Backed Up',
  /** From `conclude-failure` and `on-operation-ended`; from `leave-load-balancer` what it could not put back itself. */
  operationFailed: 'Operation Failed',
} as const;

/** Detail of `Certificate Finding`. */
export const certificateFindingDetail = finding.extend({ cluster: z.string() });

/** Detail of `Etcd Backed Up`. */
export const etcdBackedUpDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  bucket: z.string(),
  keys: z.array(z.string()),
  summary: z.string(),
});
export type EtcdBackedUpDetail = z.infer<typeof etcdBackedUpDetail>;

/** Detail of `Operation Failed`. */
export const operationFailedDetail = z.object({
  operation: z.string(),
  /** Absent when the input named no cluster. */
  cluster: z.string().optional(),
  execution: z.string(),
  error: z.string(),
  cause: z.string(),
});
export type OperationFailedDetail = z.infer<typeof operationFailedDetail>;
