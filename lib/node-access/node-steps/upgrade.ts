import { NODE_NAME, YES_OR_NO, type NodeStep } from './node-step';

const VERSION = { allowedPattern: '^1[.][0-9]+[.][0-9]+$', maxChars: 9 };
const VERSION_OR_NONE = { ...VERSION, allowedPattern: '^(none|1[.][0-9]+[.][0-9]+)$' };

/** The upgrade of a node to another version of Kubernetes, in the order of its turn. */
export const UPGRADE_STEPS = {
  'inspect-for-upgrade': {
    description: 'Tells what an upgrade has to know of a machine, its static pods and the cluster. Changes nothing.',
    parameters: { Version: VERSION_OR_NONE },
    deliverySeconds: 120,
    // Five minutes for another installation to end; repositories, leases, dry runs of evictions.
    executionSeconds: 720,
    changesNode: false,
    roles: ['control-plane', 'worker'],
  },
  'stage-upgrade': {
    description: 'Downloads the packages and images of a version and asks its binaries; installs nothing.',
    parameters: { Version: VERSION },
    deliverySeconds: 120,
    // Five minutes for another installation to end, packages and images over a slow line.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
  'upgrade-kubeadm': {
    description: 'Installs the kubeadm of a version, which upgrades the static pods and the kubelet configuration.',
    parameters: {
      Version: VERSION,
      Command: { allowedPattern: '^(apply|node)$', maxChars: 5 },
      KubeletServer: { allowedPattern: '^(endpoint|own)$', maxChars: 8 },
      IgnoreErrors: { allowedPattern: '^[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*$', maxChars: 250 },
      RenewCertificates: YES_OR_NO,
      SkipPhases: { allowedPattern: '^[a-z0-9/-]+(,[a-z0-9/-]+)*$', maxChars: 120 },
    },
    deliverySeconds: 120,
    // kubeadm waits up to five minutes twice for each static pod, and longer where etcd does not come back.
    executionSeconds: 2700,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
  'raise-etcd': {
    description: 'Runs the etcd member of a control plane from a newer image of the same minor.',
    parameters: {
      ImageTag: { allowedPattern: '^[0-9]+[.][0-9]+[.][0-9]+(-[0-9]+)?$', maxChars: 20 },
      KubeletServer: { allowedPattern: '^(endpoint|own)$', maxChars: 8 },
    },
    deliverySeconds: 120,
    // The image over a slow line, twice four minutes for a single control plane, and as long to go back.
    executionSeconds: 2400,
    changesNode: true,
    roles: ['control-plane'],
  },
  'drain-node': {
    description: 'Cordons a node of the cluster and moves its pods away, from a control plane.',
    parameters: { Node: NODE_NAME, TimeoutSeconds: { allowedPattern: '^[1-9][0-9]*$', maxChars: 4 }, Force: YES_OR_NO },
    deliverySeconds: 120,
    // TimeoutSeconds is 3600 at most.
    executionSeconds: 3900,
    changesNode: true,
    roles: ['control-plane'],
  },
  'upgrade-kubelet': {
    description: 'Installs kubelet and kubectl of a version and restarts the kubelet.',
    parameters: { Version: VERSION },
    deliverySeconds: 120,
    // Five minutes for another installation to end, and as long for etcd and the API server.
    executionSeconds: 1500,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
  'uncordon-node': {
    description: 'Waits until a node of the cluster is Ready at a version, and uncordons it if drain-node cordoned it.',
    parameters: { Node: NODE_NAME, Version: VERSION_OR_NONE },
    deliverySeconds: 120,
    executionSeconds: 600,
    changesNode: true,
    roles: ['control-plane'],
  },
} as const satisfies Record<string, NodeStep>;
