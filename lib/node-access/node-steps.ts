import type { NodeRole } from '../../lambdas/contracts/node';

/** One script of scripts/: what it takes, how long it may take, and what it may touch. */
export interface NodeStep {
  /** One sentence, the description of the SSM document. */
  description: string;
  /** Parameter name (a legal shell variable after `SSM_`) → the values that it takes. */
  parameters: Record<string, AllowedValues>;
  /** A node has to start the command within this; an agent that is online starts it within seconds. */
  deliverySeconds: number;
  /** SIGKILL after this. The script ends itself 30 s earlier, in good order. */
  executionSeconds: number;
  /** Changes something on the node: RunOnNodes then sends it only while the caller holds the cluster's lock. */
  changesNode: boolean;
  roles: readonly NodeRole[];
}

/** As SSM documents declare them. */
interface AllowedValues {
  /** Anchored. Go's regular expressions, which the SSM agent uses, refuse repetitions that multiply to more than 1000. */
  allowedPattern: string;
  /** ASCII characters, so bytes. SSM counts values as part of the document, so each has a longest length. */
  maxChars: number;
}

const YES_OR_NO = { allowedPattern: '^(yes|no)$', maxChars: 3 };
/** Name of the SSM parameter that holds a secret: the node reads it itself. A cluster's name has at most 32 characters. */
const SECRET = { allowedPattern: '^/kubeadm-autopilot/secrets/[a-z0-9-]+/[a-z0-9-]+$', maxChars: 124 };

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
      Until: { allowedPattern: '^(files|etcd|kube-apiserver|all)$', maxChars: 14 },
    },
    deliverySeconds: 120,
    // Four static pods, each at worst some minutes until it is ready again (docs/node-steps.md), and the backup.
    executionSeconds: 1800,
    changesNode: true,
    roles: ['control-plane'],
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
    description: 'Waits until every node of the cluster is Ready. Changes nothing.',
    parameters: { Absent: { allowedPattern: '^(0|[1-9][0-9]*)$', maxChars: 4 } },
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
