import * as z from 'zod';
import { namedInstance } from './node';

/**
 * SSM documents 2.2 take the parameters as environment variables (`interpolationType: ENV_VAR`, so `$SSM_<Name>`), which agents
 * before this version silently leave unset. Source: AWS, "SSM document syntax".
 */
export const OLDEST_AGENT = '3.3.2746.0';

/** Run Command takes at most 50 instance ids (API_SendCommand). */
export const MOST_INSTANCES = 50;

/** The cluster's lock, and who holds it: the operation itself, also where machines that it has started do the work. */
export const operationLock = z.object({
  cluster: z.string(),
  /** ARN of the operation's execution. */
  holder: z.string(),
  /** When that began, ISO 8601. */
  since: z.string(),
});
export type OperationLock = z.infer<typeof operationLock>;

/** Input of the RunOnNodes state machine, the one road to a node. */
export const runOnNodesInput = z.strictObject({
  /** SSM document name, one of this app's own. */
  document: z.string(),
  /** The nodes to run on, with the names to report them by. */
  nodes: z.array(namedInstance).min(1).max(MOST_INSTANCES),
  /** Values for the document's own parameters (never secrets); `TaskToken` is added. */
  parameters: z.record(z.string(), z.string()),
  /** Seconds within which a node must have started the command, and within which the script must end. */
  deliverySeconds: z.number().int().min(30),
  executionSeconds: z.number().int().min(5),
  /** true: a node that fails is reported in its result; false: the first failure fails the execution under one of the three names. */
  tolerateFailures: z.boolean(),
  /**
   * Demanded by documents that change a node, ignored by others: `holder` has to be a running operation of this app for this cluster, and the
   * lock free or its own, or nothing is sent.
   */
  lock: operationLock.optional(),
  /** The node that the step is about, where it runs on another one: a control plane drains a worker. For who follows the progress. */
  about: namedInstance.optional(),
});
export type RunOnNodesInput = z.infer<typeof runOnNodesInput>;

export const nodeFailure = z.object({
  error: z.enum(['NodeUnreachable', 'NodeStepTimedOut', 'NodeStepFailed']),
  /** One sentence for a person: node, step, what happened, what to do. */
  message: z.string(),
  /** The step inside the script, where the script got as far as to say so. */
  step: z.string().optional(),
  exitCode: z.number().optional(),
  /** The end of the script's log. */
  logTail: z.string().optional(),
});
export type NodeFailure = z.infer<typeof nodeFailure>;

/** What one node answered: the parsed result line of its script, or why there is none. */
export const nodeResult = z.object({
  instanceId: z.string(),
  name: z.string(),
  result: z.record(z.string(), z.unknown()).optional(),
  failure: nodeFailure.optional(),
});
export type NodeResult = z.infer<typeof nodeResult>;

/** Output of RunOnNodes. */
export const runOnNodesOutput = z.object({ commandId: z.string(), nodes: z.array(nodeResult) });
export type RunOnNodesOutput = z.infer<typeof runOnNodesOutput>;

/** Results, or ARNs of the executions of RunOnNodes that have them: those of hundreds of nodes do not fit into a state. */
export const resultsOrWhere = z.array(z.union([z.string(), nodeResult]));
export type ResultsOrWhere = z.infer<typeof resultsOrWhere>;

/** The marker in front of a script's one result line on stdout; the rest of stdout is never parsed. */
export const RESULT_MARKER = 'KUBEADM_AUTOPILOT_RESULT ';
/** Exit codes of scripts: see docs/node-steps.md. */
export const EXIT = { done: 0, failed: 1, refused: 20, busy: 21, timedOut: 30 } as const;

/** The result line of a script that did not end with 0. */
export const scriptFailure = z.object({
  error: z.enum(['failed', 'refused', 'busy', 'timed-out']),
  step: z.string(),
  message: z.string(),
  logTail: z.string().optional(),
});

/** From RunOnNodes to the Lambda `read-command`. */
export const readCommandInput = z.object({
  commandId: z.string(),
  document: z.string(),
  nodes: z.array(namedInstance).min(1),
  /** The comment that the command was sent with. Executions that began before it was compared have none. */
  comment: z.string().optional(),
  /** The name of the node that the step is about, where it runs on another one; empty otherwise. */
  about: z.string().optional(),
});
export type ReadCommandInput = z.infer<typeof readCommandInput>;

/** Answer of `read-command` to RunOnNodes. */
export const commandResults = z.object({
  /** The command has ended on every node. */
  finished: z.boolean(),
  /** One for each node on which it has ended, in the order asked for. */
  nodes: z.array(nodeResult),
  /** Names of the nodes it has not ended on. */
  pending: z.array(z.string()),
  /** It is another command than the one that was sent; none of its results is here. */
  foreign: z.literal(true).optional(),
});
export type CommandResults = z.infer<typeof commandResults>;

/**
 * EventBridge's "EC2 Command Status-change Notification", from SSM to the Lambda `complete-command`. AWS calls these events best
 * effort, and documents `parameters` as an object of strings or lists; everything that is not needed is left unread.
 */
export const commandEnded = z.object({
  detail: z.object({
    'command-id': z.string(),
    'document-name': z.string().optional(),
    status: z.string(),
    parameters: z.unknown().optional(),
  }),
});
export type CommandEnded = z.infer<typeof commandEnded>;

/** What RunOnNodes gets as the result of its `Send command` task. */
export const commandCompleted = z.object({ commandId: z.string() });
