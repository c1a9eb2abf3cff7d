export type { ClusterConfig } from '../lambdas/contracts/cluster-config';
export { InvalidClusters, readClusters } from './clusters/clusters';
export { KubeadmAutopilot } from './kubeadm-autopilot';
export type { KubeadmAutopilotProps } from './kubeadm-autopilot';
export type { ChatSettings } from '../lambdas/contracts/chat/settings';
export { readChat } from './clusters/chat-file';
export { KubeadmCluster } from './infrastructure/kubeadm-cluster';
export type {
  Architecture,
  ControlPlanesProps,
  EndpointProps,
  KubeadmClusterProps,
  LifecycleHooksProps,
  NodeImage,
  NodesProps,
  WorkerGroupProps,
} from './infrastructure/kubeadm-cluster-props';
export { InvalidKubeadmCluster } from './infrastructure/infrastructure-mistakes';
export { NETWORK_PLUGIN_PORTS } from './infrastructure/node-ports';
export type { NetworkPlugin, NodePort } from './infrastructure/node-ports';
