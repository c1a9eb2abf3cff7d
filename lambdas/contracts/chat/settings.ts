import * as z from 'zod';

/** The name of a SecureString parameter, below the folder that chat's functions may read. */
export const CHAT_PARAMETERS = '/kubeadm-autopilot/chat/';
const secretName = z
  .string()
  .regex(
    /^\/kubeadm-autopilot\/chat\/[A-Za-z0-9_.-]{1,100}$/,
    `must be the name of a SecureString parameter such as ${CHAT_PARAMETERS}slack-bot-token`,
  );
export const callerName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, 'must be 1 to 32 lower-case letters, digits or hyphens');
export const workspaceId = z.string().regex(/^T[A-Z0-9]{2,20}$/, "must be a workspace's id, such as T0123ABCD");

/** What chat.yaml says: which workspace, and where the secrets are. Never a secret itself. */
export const chatSettings = z.strictObject({
  slack: z
    .strictObject({
      /** The only workspace that is heard. */
      workspace: workspaceId,
      signingSecret: secretName.default(`${CHAT_PARAMETERS}slack-signing-secret`),
      botToken: secretName.default(`${CHAT_PARAMETERS}slack-bot-token`),
    })
    .optional(),
  /** Programs that may call the signed webhook, each with a secret of its own: its name is who it is. */
  webhooks: z
    .array(z.strictObject({ name: callerName, secret: secretName }))
    .max(20)
    .default([]),
});
export type ChatSettings = z.infer<typeof chatSettings>;
