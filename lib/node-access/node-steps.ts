import type { NodeRole } from '../../lambdas/contracts/node';

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
/** Name of the SSM parameter that holds a secret: the node reads it itself. */
const SECRET = '^/kubeadm-autopilot/secrets/[a-z0-9-]+/[a-z0-9-]+$';

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
    parameters: {
      Force: YES_OR_NO,
      AdminKubeconfigs: '^(none|/[A-Za-z0-9._/-]+(,/[A-Za-z0-9._/-]+)*)$',
      Until: '^(files|etcd|kube-apiserver|all)$',
    },
    deliverySeconds: 120,
    // Four static pods, each at worst some minutes until it is ready again (docs/node-steps.md), and the backup.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane'],
  },
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
    parameters: { Secret: SECRET, Action: '^(create|delete)$' },
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: true,
    roles: ['control-plane'],
  },
  'wait-for-nodes': {
    description: 'Waits until every node of the cluster is Ready. Changes nothing.',
    parameters: { Absent: '^(0|[1-9][0-9]*)$' },
    deliverySeconds: 120,
    executionSeconds: 240,
    changesNode: false,
    roles: ['control-plane'],
  },
} as const satisfies Record<string, NodeStep>;

export type NodeStepName = keyof typeof NODE_STEPS;
/** The values that a node step's script gets as `$SSM_<name>`. */
export type NodeStepParameters<Step extends NodeStepName> = Record<
  keyof (typeof NODE_STEPS)[Step]['parameters'],
  string
>;
