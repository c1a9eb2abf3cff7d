import { NODE_NAME, YES_OR_NO, type NodeStep } from './node-step';

/** A node leaves its cluster for good, in the order of its turn. It is drained before (drain-node). */
export const REMOVE_STEPS = {
  'reset-node': {
    description: 'Takes a machine out of its cluster: its etcd member leaves, kubeadm reset, network rules.',
    parameters: { Node: NODE_NAME, LeaveEtcd: YES_OR_NO },
    deliverySeconds: 120,
    // kubeadm stops all containers, and each may take its time.
    executionSeconds: 1200,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
  'forget-node': {
    description: 'Removes what a cluster still knows of a node that is gone: etcd member, Node object, lease.',
    parameters: { Node: NODE_NAME, Member: { allowedPattern: '^(none|[0-9a-f]+)$', maxChars: 16 } },
    deliverySeconds: 120,
    // The API server, etcd's list and its health: two and a half minutes each at the worst.
    executionSeconds: 900,
    changesNode: true,
    roles: ['control-plane'],
  },
} as const satisfies Record<string, NodeStep>;
