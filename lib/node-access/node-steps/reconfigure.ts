import { MOST_DOCUMENT, MOST_FLAGS } from '../../../lambdas/contracts/reconfigure';
import { PATCHES } from './create';
import type { NodeStep } from './node-step';

const DOCUMENT = { allowedPattern: '^(none|[A-Za-z0-9+/]+=*)$', maxChars: MOST_DOCUMENT };

/** A running cluster gets the configuration that its settings say, in the order in which it does. */
export const RECONFIGURE_STEPS = {
  'inspect-configuration': {
    description: 'Tells how a node is configured, and what of it was changed by hand. Changes nothing.',
    parameters: {},
    deliverySeconds: 120,
    // Six renderings by kubeadm at the most, where reconfigurations were cut off again and again.
    executionSeconds: 420,
    changesNode: false,
    roles: ['control-plane', 'worker'],
  },
  'store-configuration': {
    description: "Checks the configuration that a cluster gets and stores it in kubeadm's ConfigMaps.",
    parameters: {
      Action: { allowedPattern: '^(store|finish)$', maxChars: 6 },
      ClusterConfiguration: DOCUMENT,
      KubeletConfiguration: DOCUMENT,
      Patches: PATCHES,
    },
    deliverySeconds: 120,
    executionSeconds: 420,
    changesNode: true,
    roles: ['control-plane'],
  },
  'reconfigure-control-plane': {
    description: "Gives a control plane's static pods and certificate the configuration that its cluster has.",
    parameters: { Patches: PATCHES },
    deliverySeconds: 120,
    // Each of four static pods may take five minutes, and as long to go back.
    executionSeconds: 2700,
    changesNode: true,
    roles: ['control-plane'],
  },
  'reconfigure-kubelet': {
    description: 'Gives the kubelet of a node the configuration that its cluster has, and restarts it.',
    parameters: {
      Arguments: { allowedPattern: '^(none|[A-Za-z0-9+/]+=*)$', maxChars: MOST_FLAGS },
      Patches: PATCHES,
    },
    deliverySeconds: 120,
    executionSeconds: 1500,
    changesNode: true,
    roles: ['control-plane', 'worker'],
  },
} as const satisfies Record<string, NodeStep>;
