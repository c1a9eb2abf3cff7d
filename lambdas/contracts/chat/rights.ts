import * as z from 'zod';
import { callerName } from './settings';

/** look: status, certificates, show. approve: also reject, of the cluster's approvers. freeze: also unfreeze. */
export const CHAT_RIGHTS = ['look', 'plan', 'start', 'approve', 'stop', 'freeze'] as const;
export type ChatRight = (typeof CHAT_RIGHTS)[number];

const ids = (pattern: RegExp, message: string) => z.array(z.string().regex(pattern, message)).min(1).max(50);

/**
 * One rule of a cluster's `chat.rights`. In Slack it holds for whoever is among `users` or in one of `groups` (for everybody of the
 * workspace where it names neither), in one of `channels` (anywhere where it names none). What no rule allows is refused.
 */
export const chatRule = z
  .strictObject({
    allow: z.array(z.enum(CHAT_RIGHTS, `must be one of ${CHAT_RIGHTS.join(', ')}`)).min(1),
    /** Of plan, start and approve: these operations alone. */
    operations: z.array(z.string()).min(1).optional(),
    users: ids(/^[UW][A-Z0-9]{2,20}$/, "must be a Slack user's id, such as U0123ABCD").optional(),
    groups: ids(/^S[A-Z0-9]{2,20}$/, "must be a Slack user group's id, such as S0123ABCD").optional(),
    channels: ids(/^[CGD][A-Z0-9]{2,20}$/, "must be a Slack channel's id, such as C0123ABCD").optional(),
    /** Names of callers of the signed webhook, as chat.yaml has them. */
    webhooks: z.array(callerName).min(1).max(20).optional(),
  })
  .refine(
    ({ users, groups, channels, webhooks }) => [users, groups, channels, webhooks].some((names) => names !== undefined),
    'must name users, groups, channels or webhooks',
  );
export type ChatRule = z.infer<typeof chatRule>;
