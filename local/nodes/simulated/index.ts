export { createDemoCluster } from './demo-cluster';
export { createClusterPki } from './pki/cluster-pki';
export type { ChooseValidity, ClusterPki, ClusterPkiOptions, ValidityFromNow } from './pki/cluster-pki';
export { SimulatedCluster } from './simulated-cluster';
export type { SimulatedClusterOptions } from './simulated-cluster';
export { SimulatedNode } from './simulated-node';
export type { ToolFault } from './simulated-node';
