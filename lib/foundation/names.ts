/** Prefix of every name that this app gives: documents, state machines, parameters. */
export const APP = 'kubeadm-autopilot';

/** Metrics of each cluster, with the dimension Cluster: of its certificates from assess-certificates and verify-renewal, of etcd from verify-snapshot. */
export const CLUSTER_METRICS = {
  smallestDaysToExpiry: 'SmallestDaysToExpiry',
  smallestCaDaysToExpiry: 'SmallestCaDaysToExpiry',
  certificatesDue: 'CertificatesDue',
  casDue: 'CasDue',
  nodesNotChecked: 'NodesNotChecked',
  etcdSnapshotBytes: 'EtcdSnapshotBytes',
  apiServerMinor: 'ApiServerMinor',
  kubeletMinorsBehind: 'KubeletMinorsBehind',
} as const;
