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

/** The names under which RunOnNodes fails where a node did. */
export const NODE_FAILURES = ['NodeUnreachable', 'NodeStepTimedOut', 'NodeStepFailed'] as const;

export const nodeFailure = z.object({
  error: z.enum(NODE_FAILURES),
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

/** From RunOnNodes to the Lambda `check-command`. */
export const checkCommandInput = z.object({
  document: z.string(),
  /** By RunOnNodes' own list of documents, not by what its caller says. */
  changesNodes: z.boolean(),
  nodes: z.array(namedInstance).min(1),
  tolerateFailures: z.boolean(),
  lock: operationLock.nullish(),
  /** ARN of RunOnNodes: the holder of the lock has to be of the same app, account and region. */
  stateMachine: z.string(),
});
export type CheckCommandInput = z.infer<typeof checkCommandInput>;

/** Answer of `check-command` where the command may be sent; otherwise it fails under one of MAY_NOT_BE_SENT, or with NO_NODE_ANSWERS. */
export const commandTargets = z.object({
  /** Those of the nodes that SSM reaches: one at least. */
  online: z.array(namedInstance).min(1),
  /** The others: none unless failures are tolerated. */
  offline: z.array(namedInstance),
});
export type CommandTargets = z.infer<typeof commandTargets>;

export const MAY_NOT_BE_SENT = ['InvalidInput', 'NodeUnreachable', 'ClusterLocked'] as const;
/** SSM reaches none of the nodes, which is no failure where failures are tolerated. */
export const NO_NODE_ANSWERS = 'NoNodeAnswers';

/** From RunOnNodes to the Lambda `read-command`. */
export const readCommandInput = z.object({
  commandId: z.string(),
  document: z.string(),
  /** Those that the command was sent to, and those that it could not be sent to. */
  nodes: z.array(namedInstance).min(1),
  offline: z.array(namedInstance).default([]),
  /** The comment that the command was sent with. */
  comment: z.string(),
  /** The name of the node that the step is about, where it runs on another one; empty otherwise. */
  about: z.string().optional(),
  tolerateFailures: z.boolean().default(false),
  /** The nodes have had all their time: what has not ended by now has timed out. */
  isLate: z.boolean().default(false),
});
export type ReadCommandInput = z.input<typeof readCommandInput>;

/** `read-command` answers with RunOnNodes' output, or fails: under one of NODE_FAILURES, or with one of these. */
export const COMMAND_RUNS = 'CommandRuns';
/** It is another command than the one that was sent. */
export const COMMAND_IS_FOREIGN = 'CommandIsForeign';

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
