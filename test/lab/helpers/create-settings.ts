import { createHash } from 'node:crypto';
import type { LabCluster } from '../../../local/nodes/lab/lab-cluster';
import { hasCgroupV1 } from '../../../local/nodes/lab/check-host';

/** What stands for the manifest of a network plugin: the lab's nodes bring their own. */
const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata:
  name: network-plugin
  namespace: kube-system
data:
  applied: "yes"
`;
const MANIFEST_FILE = '/opt/network-plugin.yaml';

export async function putManifest(cluster: LabCluster): Promise<void> {
  for (const node of cluster.controlPlanes) await node.writeFile(MANIFEST_FILE, MANIFEST);
}

/** The section kubernetes of a cluster's settings, for bare machines of the lab. */
export function createSettings(cluster: LabCluster, kubernetesVersion: string) {
  const { networks, endpoint } = cluster.plan;
  return {
    version: kubernetesVersion.slice(1),
    endpoint,
    podSubnet: `${networks.pods}.0.0/16`,
    serviceSubnet: `${networks.services}.0.0/16`,
    certSANs: ['create.example'],
    // There is no systemd to manage control groups, and swap is the machine's own.
    cgroupDriver: 'cgroupfs',
    swap: 'keep',
    cni: { url: `file://${MANIFEST_FILE}`, sha256: createHash('sha256').update(MANIFEST).digest('hex') },
    kubelet: {
      imageGCHighThresholdPercent: 100,
      imageGCLowThresholdPercent: 99,
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
      ...(hasCgroupV1() && { failCgroupV1: false }),
    },
    // These are settings of the whole machine: left alone.
    kubeProxy: {
      mode: 'iptables',
      conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    },
    patches: {
      'kube-apiserver0+strategic.yaml': 'metadata: { annotations: { patched: "yes" } }',
      'kubeletconfiguration0+merge.yaml': 'maxPods: 77',
    },
    extraArgs: { apiServer: [{ name: 'audit-log-maxage', value: '7' }] },
    ignorePreflightErrors: hasCgroupV1() ? ['SystemVerification'] : [],
  };
}
