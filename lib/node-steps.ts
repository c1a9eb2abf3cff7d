import type { NodeRole } from '../lambdas/contracts/node';

/** One script of scripts/: what it takes, how long it may take, and what it may touch. */
export interface NodeStep {
  /** One sentence, the description of the SSM document. */
  description: string;
  /**
   * Parameter name (a legal shell variable after `SSM_`) → anchored pattern of its values. Go's regular expressions, which the SSM
   * agent uses, refuse repetitions that multiply to more than 1000.
   */
  parameters: Record<string, string>;
  /** A node has to start the command within this; an agent that is online starts it within seconds. */
  deliverySeconds: number;
  /** SIGKILL after this. The script ends itself 30 s earlier, in good order. */
  executionSeconds: number;
  /** Changes something on the node: RunOnNodes then sends it only while the caller holds the cluster's lock. */
  changesNode: boolean;
  roles: readonly NodeRole[];
}

const YES_OR_NO = '^(yes|no)$';

/** Every script that can be run on nodes; the key is the file's name without .sh. */
export const NODE_STEPS = {
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
    description: 'Renews the certificates of a control plane with kubeadm and restarts its static pods one by one.',
    parameters: { Force: YES_OR_NO, AdminKubeconfigs: '^(none|/[A-Za-z0-9._/-]+(,/[A-Za-z0-9._/-]+)*)$' },
    deliverySeconds: 120,
    // Four static pods, each at worst some minutes until it is ready again (docs/node-steps.md), and the backup.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane'],
  },
} as const satisfies Record<string, NodeStep>;

export type NodeStepName = keyof typeof NODE_STEPS;
/** The values that a node step's script gets as `$SSM_<name>`. */
export type NodeStepParameters<Step extends NodeStepName> = Record<
  keyof (typeof NODE_STEPS)[Step]['parameters'],
  string
>;
