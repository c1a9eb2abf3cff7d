import { stringify } from 'yaml';
import type { ClusterPlan, NodePlan } from './cluster-plan';

const KUBEADM = 'kubeadm.k8s.io/v1beta4';
const CERTIFICATES_DIR = '/etc/kubernetes/pki';

/** The certificate of the cluster's CA on its nodes. */
export function caCertPath({ clusterConfiguration }: Pick<ClusterPlan, 'clusterConfiguration'>): string {
  const { certificatesDir = CERTIFICATES_DIR } = clusterConfiguration as { certificatesDir?: string };
  return `${certificatesDir}/ca.crt`;
}

/** Of the first control plane: `kubeadm init --config`. `cgroupV1`: the machine has it, so Kubernetes that refuses it is told not to. */
export function initConfiguration(plan: ClusterPlan, node: NodePlan, cgroupV1: boolean): string {
  return documents(
    {
      apiVersion: KUBEADM,
      kind: 'InitConfiguration',
      bootstrapTokens: [
        {
          token: plan.bootstrapToken,
          usages: ['signing', 'authentication'],
          groups: ['system:bootstrappers:kubeadm:default-node-token'],
        },
      ],
      certificateKey: plan.certificateKey,
      localAPIEndpoint: { advertiseAddress: node.privateIp, bindPort: 6443 },
      nodeRegistration: nodeRegistration(plan, node, cgroupV1),
    },
    {
      apiVersion: KUBEADM,
      kind: 'ClusterConfiguration',
      clusterName: plan.name,
      kubernetesVersion: plan.kubernetesVersion,
      controlPlaneEndpoint: plan.endpoint,
      networking: { podSubnet: `${plan.networks.pods}.0.0/16`, serviceSubnet: `${plan.networks.services}.0.0/16` },
      ...plan.clusterConfiguration,
    },
    kubeletConfiguration(plan, cgroupV1),
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'iptables',
      // These are settings of the whole machine: left alone.
      conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    },
  );
}

/** Of every other node: `kubeadm join --config`. */
export function joinConfiguration(plan: ClusterPlan, node: NodePlan, caHash: string, cgroupV1: boolean): string {
  return documents({
    apiVersion: KUBEADM,
    kind: 'JoinConfiguration',
    // The kubelets' configuration names the cluster's certificatesDir, and this is where a join puts the certificate.
    caCertPath: caCertPath(plan),
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: plan.endpoint,
        token: plan.bootstrapToken,
        caCertHashes: [`sha256:${caHash}`],
      },
    },
    ...(node.role === 'control-plane' && {
      controlPlane: {
        certificateKey: plan.certificateKey,
        localAPIEndpoint: { advertiseAddress: node.privateIp, bindPort: 6443 },
      },
    }),
    nodeRegistration: nodeRegistration(plan, node, cgroupV1),
  });
}

function nodeRegistration(plan: ClusterPlan, node: NodePlan, cgroupV1: boolean) {
  return {
    name: node.name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    ...(refusesCgroupV1(plan) && cgroupV1 && { ignorePreflightErrors: ['SystemVerification'] }),
  };
}

function kubeletConfiguration(plan: ClusterPlan, cgroupV1: boolean) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // There is no systemd to manage control groups.
    cgroupDriver: 'cgroupfs',
    // The disk is shared by all nodes and by the machine: how full it is says nothing about a node.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    ...(refusesCgroupV1(plan) && cgroupV1 && { failCgroupV1: false }),
    ...plan.kubeletConfiguration,
  };
}

/** From 1.35 on, kubeadm's preflight and the kubelet refuse to run on cgroup v1. */
export function refusesCgroupV1({ kubernetesVersion }: Pick<ClusterPlan, 'kubernetesVersion'>): boolean {
  return Number(kubernetesVersion.split('.')[1]) >= 35;
}

function documents(...parts: object[]): string {
  return parts.map((part) => stringify(part)).join('---\n');
}
