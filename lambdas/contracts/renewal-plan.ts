import * as z from 'zod';
import { namedInstance } from './node';
import { plan } from './plan';

export const renewalPlan = plan.extend({
  /**
   * renewal: one control plane at a time, each with its health gates. repair: the certificates of so many control planes have expired that
   * this cannot work, or kubelets are locked out; `steps`, of which there may be none, are done all at once, then kubelets get new
   * certificates.
   */
  kind: z.enum(['renewal', 'repair']),
  /** repair: the control plane that speaks with the API for all, one that works or that this repair brings back. */
  spokesman: namedInstance.optional(),
  /** Nodes that a check asks and this operation does not: etcd nodes, control planes out of reach. Absent when none. */
  notAsked: z.array(z.string()).optional(),
});
export type RenewalPlan = z.infer<typeof renewalPlan>;

/** One line of the before/after table. */
export const renewalRow = z.object({
  node: z.string(),
  certificate: z.string(),
  before: z.object({ serial: z.string().optional(), notAfter: z.string().optional(), daysLeft: z.number().optional() }),
  after: z.object({ serial: z.string().optional(), notAfter: z.string().optional(), daysLeft: z.number().optional() }),
  /** Serial in the TLS handshake after the renewal, for certificates that a port serves. */
  servedSerial: z.string().optional(),
});

/** What a node said of its renewal. */
export const nodeReport = z.object({
  node: z.string(),
  /** Folder on the node with what was in /etc/kubernetes before. */
  backup: z.string().optional(),
  /** Static pods, in order. */
  restarted: z.array(z.string()),
  /** Copies of admin.conf: refreshed, or why left alone. */
  kubeconfigs: z.array(z.object({ path: z.string(), refreshed: z.boolean(), reason: z.string().optional() })),
});
export type NodeReport = z.infer<typeof nodeReport>;

/** Output of the renew-certificates state machine. */
export const renewalReport = z.object({
  cluster: z.string(),
  plan: renewalPlan,
  renewedNodes: z.array(z.string()),
  rows: z.array(renewalRow),
  nodes: z.array(nodeReport),
  summary: z.string(),
  /** What happened to each renewed node in its load balancer, one sentence a node. */
  loadBalancer: z.array(z.object({ node: z.string(), said: z.string() })).optional(),
});
export type RenewalReport = z.infer<typeof renewalReport>;
