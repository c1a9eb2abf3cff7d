import * as z from 'zod';
import { verifiedRequester } from './approval';
import { finding } from './certificate-check';
import { namedInstance } from './node';
import { operationCost } from './operation-cost';
import { drainedNode } from './upgrade-steps';

/** Events on the app's own bus, for whoever wants to react to them: rules of this account, later the dashboard and Slack. */
export const EVENT_SOURCE = 'kubeadm-autopilot';
/** Attribute of each notification that is about one cluster: subscriptions choose by it. */
export const CLUSTER_ATTRIBUTE = 'cluster';
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
  /** From `tell-progress`: a step that changes a node has begun there, or ended. */
  nodeProgress: 'Node Progress',
  /** From the machines that drain nodes: a drain takes longer than half a minute. */
  drainBlocked: 'Drain Blocked',
  /** From the operations that wait for people: approve or reject by its id, and by the digest of the plan that was seen. */
  approvalWanted: 'Approval Wanted',
  /** From the state machine upgrade. */
  clusterUpgraded: 'Cluster Upgraded',
  /** From the state machine create-cluster. */
  clusterCreated: 'Cluster Created',
  /** From the state machine join-node. */
  nodesJoined: 'Nodes Joined',
  /** From the state machine remove-node. */
  nodeRemoved: 'Node Removed',
  /** From the state machine reconfigure. */
  clusterReconfigured: 'Cluster Reconfigured',
  /** From `write-report`: an operation has ended, and its report is in the operations bucket. */
  reportWritten: 'Report Written',
} as const;

/** Detail of `Certificate Finding`. */
export const certificateFindingDetail = finding.extend({ cluster: z.string() });

/** Detail of `Certificates Renewed`. */
export const certificatesRenewedDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  renewedNodes: z.array(z.string()),
  summary: z.string(),
});
export type CertificatesRenewedDetail = z.infer<typeof certificatesRenewedDetail>;

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

/**
 * Detail of `Node Progress`, one for each node of a command. Events come at least once and in any order: `at` orders them, and
 * `execution`, `node`, `step` and `state` tell which are the same.
 */
export const nodeProgressDetail = z.object({
  operation: z.string(),
  cluster: z.string(),
  /** ARN of the operation's execution. */
  execution: z.string(),
  /** The node that the step is about, which may not be the one that runs it: a control plane drains a worker. */
  node: z.string(),
  /** Name of the node step, such as drain-node. */
  step: z.string(),
  state: z.enum(['started', 'succeeded', 'failed']),
  /** ISO 8601. */
  at: z.string(),
  /** From its start to its end, with the way there; absent while it runs. */
  seconds: z.number().optional(),
  /** Why it failed: one sentence. */
  message: z.string().optional(),
});
export type NodeProgressDetail = z.infer<typeof nodeProgressDetail>;

/** Detail of `Drain Blocked`. */
export const drainBlockedDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  /** The node that is drained. */
  node: z.string(),
  blockedBy: drainedNode.shape.blockedBy,
});
export type DrainBlockedDetail = z.infer<typeof drainBlockedDetail>;

/** Detail of `Cluster Upgraded`. */
export const clusterUpgradedDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  /** Of Kubernetes, X.Y.Z: the oldest before, and what was asked for. */
  from: z.string(),
  target: z.string(),
  outcome: z.enum(['nothing', 'upgraded', 'stopped', 'partly']),
  summary: z.string(),
});
export type ClusterUpgradedDetail = z.infer<typeof clusterUpgradedDetail>;

/** Detail of `Cluster Created`. */
export const clusterCreatedDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  /** Of Kubernetes, X.Y.Z. */
  version: z.string(),
  /** How many nodes it has. */
  nodes: z.number(),
  summary: z.string(),
});
export type ClusterCreatedDetail = z.infer<typeof clusterCreatedDetail>;

/** Detail of `Cluster Reconfigured`. */
export const clusterReconfiguredDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  /** Names of those on which something changed. */
  nodes: z.array(z.string()),
  summary: z.string(),
});
export type ClusterReconfiguredDetail = z.infer<typeof clusterReconfiguredDetail>;

/** Detail of `Nodes Joined`. */
export const nodesJoinedDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  /** Of Kubernetes, X.Y.Z. */
  version: z.string(),
  /** Those that joined in this execution; none where all had joined before and were only looked at. */
  nodes: z.array(namedInstance),
  summary: z.string(),
});
export type NodesJoinedDetail = z.infer<typeof nodesJoinedDetail>;

/** Detail of `Approval Wanted`. It may come twice: `id` and `digest` tell which are the same. */
export const approvalWantedDetail = z.object({
  operation: z.string(),
  cluster: z.string(),
  execution: z.string(),
  /** The operation's id in the API. */
  id: z.string(),
  digest: z.string(),
  summary: z.string(),
  requester: verifiedRequester,
  /** How many have to approve. */
  needed: z.number().int(),
  /** ISO 8601; then it counts as rejected. */
  deadline: z.string(),
});
export type ApprovalWantedDetail = z.infer<typeof approvalWantedDetail>;

/** Detail of `Node Removed`. */
export const nodeRemovedDetail = z.object({
  cluster: z.string(),
  execution: z.string(),
  node: z.string(),
  /** What the caller wrote, where no instance was known any more. */
  instanceId: z.string(),
  kind: z.enum(['worker', 'control-plane', 'dead']),
  summary: z.string(),
});
export type NodeRemovedDetail = z.infer<typeof nodeRemovedDetail>;

/** Detail of `Report Written`. It comes again when the report is written anew, as after a redrive. */
export const reportWrittenDetail = z.object({
  operation: z.string(),
  cluster: z.string(),
  execution: z.string(),
  /** The operation's id in the API. */
  id: z.string(),
  bucket: z.string(),
  /** The report is `<key>.json` and, as a page, `<key>.html`. */
  key: z.string(),
  cost: operationCost.pick({ dollars: true, stateTransitions: true, complete: true }),
});
export type ReportWrittenDetail = z.infer<typeof reportWrittenDetail>;

/** What each event's detail holds; docs/events/ has it as JSON schemas for whoever reacts to them. */
export const EVENT_DETAILS = {
  [EVENT.certificateFinding]: certificateFindingDetail,
  [EVENT.certificatesRenewed]: certificatesRenewedDetail,
  [EVENT.etcdBackedUp]: etcdBackedUpDetail,
  [EVENT.operationFailed]: operationFailedDetail,
  [EVENT.nodeProgress]: nodeProgressDetail,
  [EVENT.drainBlocked]: drainBlockedDetail,
  [EVENT.approvalWanted]: approvalWantedDetail,
  [EVENT.clusterUpgraded]: clusterUpgradedDetail,
  [EVENT.clusterCreated]: clusterCreatedDetail,
  [EVENT.nodesJoined]: nodesJoinedDetail,
  [EVENT.nodeRemoved]: nodeRemovedDetail,
  [EVENT.clusterReconfigured]: clusterReconfiguredDetail,
  [EVENT.reportWritten]: reportWrittenDetail,
} satisfies Record<(typeof EVENT)[keyof typeof EVENT], z.ZodType>;
