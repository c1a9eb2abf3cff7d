import * as z from 'zod';
import { clusterConfig, clusterName } from './cluster-config';
import { clusterNode, mistaggedNode } from './node';
import { operationOptions } from './operation';
import { nodeResult } from './run-on-nodes';

export const FINDINGS = [
  'expired',
  'expiring',
  'not-yet-valid', // it begins later than it is, by its node's clock or by ours
  'ca-expired',
  'ca-expiring',
  'missing',
  'unreadable',
  'signed-by-another-ca', // than the one of its node that has the same name; or than that of its node which is for it
  'mixed-clusters', // the node has another CA than most nodes with this cluster's tag
  'wrong-role', // its tag names no role, so it was not asked
  'made-for-another-node', // copied from there: the address at which it is served is not in it, or two nodes have one kubelet's
  'names-missing', // names that clients use are not in it
  'not-served', // disk and handshake differ: renewed but never restarted
  'not-listening',
  'renewal-refused', // certificates of the node are due, and a precondition of their renewal does not hold there
  'node-unreachable',
  'node-failed',
] as const;

/** One thing that a person (or renew-certificates) has to see to. Each becomes one event on the bus. */
export const finding = z.object({
  kind: z.enum(FINDINGS),
  node: z.string(),
  certificate: z.string().optional(),
  path: z.string().optional(),
  notAfter: z.string().optional(),
  secondsLeft: z.number().optional(),
  /** true where `kubeadm certs renew all` and a restart of the static pods fix it. */
  renewable: z.boolean(),
  /** One sentence: what, where, what to do. */
  message: z.string(),
});
export type Finding = z.infer<typeof finding>;

/** What runs in the cluster, as the control planes told it. */
export const clusterVersions = z
  .object({
    apiServers: z.array(z.object({ node: z.string(), version: z.string() })),
    /** How many nodes have which kubelet, the oldest first, with the names of some. */
    kubelets: z.array(z.object({ version: z.string(), nodes: z.number().int(), names: z.array(z.string()) })),
  })
  .meta({ id: 'ClusterVersions' });
export type ClusterVersions = z.infer<typeof clusterVersions>;

/** Answer of `assess-certificates`, output of the check-certificates state machine. */
export const certificateReport = z.object({
  cluster: z.string(),
  checkedAt: z.string(),
  /** Expired certificates have stopped the whole cluster. */
  dead: z.boolean(),
  nodesChecked: z.number(),
  certificatesChecked: z.number(),
  /** The leaf certificate with the least time left. */
  smallest: z
    .object({ node: z.string(), certificate: z.string(), secondsLeft: z.number(), notAfter: z.string() })
    .optional(),
  /** The worst first; as many as fit into a state. */
  findings: z.array(finding),
  /** How many more there are than `findings` holds. */
  moreFindings: z.number(),
  /** Remarks that need no action by themselves: clocks that differ, kubeadm that did not answer. */
  notes: z.array(z.string()),
  /** Absent where no API server answered. */
  versions: clusterVersions.optional(),
  /** A person has to be told: `next` is notify, or there are findings that the renewal which follows does not fix. */
  notify: z.boolean(),
  /** renew: renew-certificates follows; notify: a person has to act; none: nothing to do. */
  next: z.enum(['renew', 'notify', 'none']),
  /** Why that follows, in one sentence. */
  because: z.string(),
  /** The renewal that follows, once it has started. */
  nextExecutionArn: z.string().optional(),
  /** The notification's subject (at most 100 characters) and text. */
  subject: z.string(),
  text: z.string(),
});
export type CertificateReport = z.infer<typeof certificateReport>;

/** From the state machine check-certificates to the Lambda `assess-certificates`, which answers with a CertificateReport. */
export const assessCertificatesInput = z.object({
  cluster: clusterName,
  config: clusterConfig,
  options: operationOptions('check-certificates'),
  /** Results of scripts/check-certificates.sh (CertificateInventory), or why there is none. */
  nodes: z.array(nodeResult),
  unreachable: z.array(clusterNode),
  /** Instances of the cluster whose role is not known. */
  mistagged: z.array(mistaggedNode).default([]),
  /**
   * Nodes of an external etcd, which are no control planes: most of kubeadm's certificates may be missing there, and renew-certificates
   * does not go there.
   */
  etcdNodes: z.array(clusterNode).default([]),
});
export type AssessCertificatesInput = z.input<typeof assessCertificatesInput>;
