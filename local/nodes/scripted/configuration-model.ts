import type { NodeRole } from '../../../lambdas/contracts/node';

/** What kubeadm's ConfigMaps hold. */
export interface StoredConfiguration {
  cluster: string;
  kubelet: string;
}

/** How a scripted cluster is configured: what is stored, and what each node took. */
export class ConfigurationModel {
  stored: StoredConfiguration;
  /** Stored before, while a reconfiguration has not ended. */
  readonly previous: StoredConfiguration[] = [];
  private readonly nodes = new Map<string, NodeConfiguration>();

  constructor(version: string) {
    this.stored = {
      cluster: `apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
certificatesDir: /etc/kubernetes/pki
controlPlaneEndpoint: api.demo.internal:6443
controllerManager: {}
etcd:
  local:
    dataDir: /var/lib/etcd
kind: ClusterConfiguration
kubernetesVersion: v${version}
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
scheduler: {}
`,
      kubelet: `apiVersion: kubelet.config.k8s.io/v1beta1
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
kind: KubeletConfiguration
staticPodPath: /etc/kubernetes/manifests
`,
    };
  }

  /** A node that nobody reconfigured has what was stored at first. */
  of(name: string, role: NodeRole): NodeConfiguration {
    const known = this.nodes.get(name);
    if (known) return known;
    const fresh: NodeConfiguration = {
      ...(role === 'control-plane' && { staticPods: this.stored.cluster }),
      kubelet: this.stored.kubelet,
      flags: '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
      byHand: [],
    };
    this.nodes.set(name, fresh);
    return fresh;
  }
}

export interface NodeConfiguration {
  /** The ClusterConfiguration that its static pods were made of. */
  staticPods?: string;
  kubelet: string;
  flags: string;
  /** Lines of the API server's manifest that somebody changed. */
  byHand: string[];
}
