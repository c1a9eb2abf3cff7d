/** Prefix of every name that this app gives: documents, state machines, parameters. */
export const APP = 'kubeadm-autopilot';

/** Metrics that assess-certificates and verify-renewal write for each cluster, with the dimension Cluster. */
export const CLUSTER_METRICS = {
  smallestDaysToExpiry: 'SmallestDaysToExpiry',
  smallestCaDaysToExpiry: 'SmallestCaDaysToExpiry',
  nodesNotChecked: 'NodesNotChecked',
} as const;
