import type { NodeRole } from '../../../lambdas/contracts/node';

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

export const YES_OR_NO = { allowedPattern: '^(yes|no)$', maxChars: 3 };
/** Name of the SSM parameter that holds a secret: the node reads it itself. A cluster's name has at most 32 characters. */
export const SECRET = { allowedPattern: '^/kubeadm-autopilot/secrets/[a-z0-9-]+/[a-z0-9-]+$', maxChars: 124 };
/** Of a Kubernetes node: a DNS subdomain. */
export const NODE_NAME = { allowedPattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', maxChars: 253 };
