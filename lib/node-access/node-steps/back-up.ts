import { SECRET, type NodeStep } from './node-step';

/** What a cluster can be built again from. */
export const BACK_UP_STEPS = {
  'back-up-etcd': {
    description: 'Uploads a snapshot of etcd, proven by a restore, and the /etc/kubernetes of a node.',
    parameters: { Secret: SECRET, EtcdOn: { allowedPattern: '^(none|m?i-[0-9a-f]+)$', maxChars: 20 } },
    deliverySeconds: 120,
    // A database of 8 GiB: saved, restored, packed and uploaded, each some minutes.
    executionSeconds: 2700,
    changesNode: true,
    roles: ['control-plane', 'etcd'],
  },
} as const satisfies Record<string, NodeStep>;
