import * as z from 'zod';
import { operationId } from '../api/operations';
import { callerName, workspaceId } from './settings';

/** Characters of a command. */
export const MOST_TEXT = 500;
export const MOST_RESPONSE_URL = 500;

const slackId = (first: string) => z.string().regex(new RegExp(`^[${first}][A-Z0-9]{2,20}$`));
/** A message's time stamp, which is its id within its channel. */
export const messageId = z.string().regex(/^\d{1,15}\.\d{1,9}$/);

/** Who says something, as the signature proves it. */
export const chatCaller = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('slack'),
    workspace: workspaceId,
    user: slackId('UW'),
    channel: slackId('CGD'),
  }),
  z.strictObject({ kind: z.literal('webhook'), name: callerName }),
]);
export type ChatCaller = z.infer<typeof chatCaller>;
export type SlackCaller = Extract<ChatCaller, { kind: 'slack' }>;

/** Buttons under a plan: to start it, and to approve it where an operation waits for that. */
export const BUTTONS = ['start', 'discard', 'approve', 'reject'] as const;
export const button = z.enum(BUTTONS);
export type Button = z.infer<typeof button>;

/** From the Lambda `chat-webhook`, which has proven who asks, to `chat-command`. */
export const chatRequest = z.strictObject({
  /** Random; the same again when Lambda repeats the invocation, so that nothing is started twice. */
  delivery: z.string().regex(/^[A-Za-z0-9-]{1,50}$/),
  caller: chatCaller,
  said: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('command'), text: z.string().max(MOST_TEXT) }),
    /** `plan`: the operation that computed it, or that waits for its approval. */
    z.strictObject({ kind: z.literal('button'), button, plan: operationId, message: messageId }),
  ]),
  /** Where Slack takes what only the caller sees; its host is checked already. */
  responseUrl: z.url().max(MOST_RESPONSE_URL).optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** What the caller alone gets to see. */
export const chatAnswer = z.object({
  ok: z.boolean(),
  text: z.string(),
  /** Id of the operation that it is about, once there is one. */
  operation: z.string().optional(),
});
export type ChatAnswer = z.infer<typeof chatAnswer>;

/** Paths of the HTTP API that have no IAM authorisation: their signature is checked by `chat-webhook`. */
export const CHAT_ROUTES = {
  slackCommand: '/slack/commands',
  slackInteraction: '/slack/interactions',
  webhook: '/webhooks/{caller}',
} as const;
export const WEBHOOK_TIMESTAMP = 'x-autopilot-request-timestamp';
export const WEBHOOK_SIGNATURE = 'x-autopilot-signature';
