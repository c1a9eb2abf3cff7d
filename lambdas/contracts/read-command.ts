import * as z from 'zod';
import { namedInstance } from './node';
import { nodeResult } from './run-on-nodes';

/** From RunOnNodes to the Lambda `read-command`. */
export const readCommandInput = z.object({
  commandId: z.string(),
  document: z.string(),
  nodes: z.array(namedInstance).min(1),
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
});
export type CommandResults = z.infer<typeof commandResults>;
