export type { ClusterConfig } from '../lambdas/contracts/cluster-config';
export { InvalidClusters, readClusters } from './clusters/clusters';
export { KubeadmAutopilot } from './kubeadm-autopilot';
export type { KubeadmAutopilotProps } from './kubeadm-autopilot';
export type { ChatSettings } from '../lambdas/contracts/chat/settings';
export { readChat } from './clusters/chat-file';
