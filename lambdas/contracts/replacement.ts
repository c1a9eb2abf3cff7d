import * as z from 'zod';
import { operationLock } from './run-on-nodes';

const EXECUTION = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:execution:kubeadm-autopilot-replace-node:[^:]+$/;

/**
 * In the input of join-node and remove-node, from replace-node alone: the other half of the replacement. People start replace-node instead;
 * `start-operation` does not take it.
 */
export const replacement = z.strictObject({
  /** The node that leaves, and the machine that takes its place, by instance id (of a node without one, its name). */
  node: z.string().min(1).max(253),
  with: z.string().min(1).max(80),
  /** Of the replace-node that has it, and keeps it. Absent where both halves are only planned. */
  lock: operationLock
    .extend({ holder: z.string().regex(EXECUTION, 'must be an execution of replace-node') })
    .optional(),
});
export type Replacement = z.infer<typeof replacement>;

/** Fields of those inputs. */
export const fromReplacement = {
  replacement: replacement.optional(),
  /** Step Functions adds it where one execution starts another one. */
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().optional(),
};

/** Whether an execution with this input does a part of a replacement: then replace-node holds the lock, and tells how it ended. */
export const isPartOfReplacement = (input: unknown): boolean => z.object({ replacement }).safeParse(input).success;
