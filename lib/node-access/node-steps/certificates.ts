import { YES_OR_NO, type NodeStep } from './node-step';

/** Certificates: how they are, and their renewal on one control plane. */
export const CERTIFICATE_STEPS = {
  'check-certificates': {
    description: 'Lists every certificate of a node, on disk and as served. Changes nothing.',
    parameters: {},
    deliverySeconds: 120,
    executionSeconds: 180,
    changesNode: false,
    roles: ['control-plane', 'etcd'],
  },
  'inspect-control-plane': {
    description: 'Tells the health of a control plane, its etcd member, CA keys and free space. Changes nothing.',
    parameters: { Inventory: YES_OR_NO },
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: false,
    roles: ['control-plane'],
  },
  'renew-certificates': {
    description:
      'Renews the certificates of a control plane or an etcd member with kubeadm and restarts its static pods one by one.',
    parameters: {
      Force: YES_OR_NO,
      Until: { allowedPattern: '^(files|etcd|kube-apiserver|all)$', maxChars: 14 },
    },
    deliverySeconds: 120,
    // Four static pods, each at worst some minutes until it is ready again (docs/node-steps.md), and the backup.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane', 'etcd'],
  },
  'refresh-kubeconfigs': {
    description: "Puts a renewed admin.conf's certificate and key into its copies on a control plane.",
    parameters: {
      // Ten paths of 201 characters, as a cluster's settings take them.
      AdminKubeconfigs: { allowedPattern: '^(none|/[A-Za-z0-9._/-]+(,/[A-Za-z0-9._/-]+)*)$', maxChars: 2019 },
    },
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: true,
    roles: ['control-plane'],
  },
} as const satisfies Record<string, NodeStep>;
