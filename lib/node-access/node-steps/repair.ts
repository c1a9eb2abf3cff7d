import { SECRET, YES_OR_NO, type NodeStep } from './node-step';

/** Kubelets of a dead cluster rejoin it. */
export const REPAIR_STEPS = {
  'rejoin-kubelet': {
    description: 'Gives a kubelet whose certificate has expired a bootstrap token, with which it gets a new one.',
    parameters: { Secret: SECRET, Wait: YES_OR_NO },
    deliverySeconds: 120,
    // Two starts of the kubelet and its certificate, each at worst some minutes.
    executionSeconds: 600,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
  'bootstrap-token': {
    description: 'Makes a bootstrap token of 15 minutes in the cluster, or deletes it.',
    parameters: { Secret: SECRET, Action: { allowedPattern: '^(create|delete)$', maxChars: 6 } },
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: true,
    roles: ['control-plane'],
  },
  'wait-for-nodes': {
    description: 'Waits until nodes of the cluster, or all, are there and Ready. Changes nothing.',
    parameters: {
      Nodes: { allowedPattern: '^[a-z0-9][a-z0-9.-]*(,[a-z0-9][a-z0-9.-]*)*$', maxChars: 3199 },
      Absent: { allowedPattern: '^(0|[1-9][0-9]*)$', maxChars: 4 },
    },
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: false,
    roles: ['control-plane'],
  },
} as const satisfies Record<string, NodeStep>;
