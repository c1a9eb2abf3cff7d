import * as z from 'zod';
import { nodeRole } from './node';

/** Lifecycle hooks whose names begin so are this app's to complete; others are left alone. */
export const HOOK_PREFIX = 'kubeadm-autopilot';

/** What clusters/NAME.yaml lets events do. */
export const lifecycleSettings = z.strictObject({
  /** An instance that an Auto Scaling group launches joins. */
  join: z.boolean().default(false),
  /** One that is terminated, interrupted or retired is drained and removed. */
  remove: z.boolean().default(false),
});

/** How far the state machine lifecycle-event has come with its event, between two looks. */
export const lifecycleProgress = z.object({
  /** Which of the event's instances it is at: AWS Health may name several. */
  index: z.number().int(),
  attempt: z.number().int(),
  /** ARN of the operation that was started. */
  execution: z.string().optional(),
  /** Of the instance, for when it exists no more. */
  name: z.string().optional(),
  cluster: z.string().optional(),
  role: nodeRole.optional(),
  /** The time of the hook is over, so that nothing of it can be completed. */
  hookIsOver: z.boolean().optional(),
});
export type LifecycleProgress = z.infer<typeof lifecycleProgress>;

/** From the state machine lifecycle-event to the Lambda `follow-lifecycle-event`. */
export const followLifecycleInput = z.object({
  /** As EventBridge gave it. */
  event: z.unknown(),
  /** ARN of the state machine's execution. */
  execution: z.string(),
  progress: lifecycleProgress,
});
export type FollowLifecycleInput = z.infer<typeof followLifecycleInput>;

export const followedLifecycle = z.object({
  progress: lifecycleProgress,
  next: z.enum(['look', 'end']),
  waitSeconds: z.number().int(),
  /** What was found or done, in a sentence. */
  said: z.string(),
});
export type FollowedLifecycle = z.infer<typeof followedLifecycle>;
