import * as z from 'zod';

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
