import * as z from 'zod';
import { OPERATIONS } from '../operation';

/** What a node did last, as its events tell it. */
export const nodeState = z.object({
  step: z.string(),
  state: z.enum(['started', 'succeeded', 'failed']),
  /** ISO 8601. */
  at: z.string(),
  seconds: z.number().optional(),
  message: z.string().optional(),
});
export type NodeState = z.infer<typeof nodeState>;

/**
 * A message in Slack that tells of an operation, and is edited in place. Kept under the operation's id.
 * plan: computing → open (it has buttons) → started or discarded; closed: there is nothing to start.
 * run: running (with buttons while it waits for approval) → ended.
 */
export const chatMessage = z.object({
  id: z.string(),
  kind: z.enum(['plan', 'run']),
  state: z.enum(['computing', 'open', 'started', 'discarded', 'closed', 'running', 'ended']),
  channel: z.string(),
  /** The message's time stamp. */
  ts: z.string(),
  operation: z.enum(OPERATIONS),
  cluster: z.string(),
  /** Slack's id of who asked for it. */
  user: z.string(),
  /** Nodes that the plan is going to change, in its order. */
  planned: z.array(z.string()),
  nodes: z.record(z.string(), nodeState),
  /** Milliseconds since 1970 at which the message may be edited next. */
  nextAt: z.number(),
  /** The delivery that moved it on from `open`. */
  by: z.string().optional(),
  /** Of the plan that waits for approval, as the message shows it. */
  digest: z.string().optional(),
  /** The end is in the message's thread. */
  endTold: z.boolean().optional(),
});
export type ChatMessage = z.infer<typeof chatMessage>;

/** From EventBridge to `chat-progress`: that an operation has ended. The others are the app's own events. */
export const executionChanged = z.object({
  source: z.literal('aws.states'),
  detail: z.object({ executionArn: z.string() }),
});
