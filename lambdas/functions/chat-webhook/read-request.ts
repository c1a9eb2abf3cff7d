import * as z from 'zod';
import { operationId } from '../../contracts/api/operations';
import {
  button,
  chatCaller,
  chatRequest,
  messageId,
  MOST_RESPONSE_URL,
  MOST_TEXT,
  type ChatCaller,
  type ChatRequest,
} from '../../contracts/chat/request';
import { fromJson } from '../../domain/operations';
import { Refusal, type Sender } from './delivery';

/** What a delivery says; `ping` for those that only ask whether somebody is there. */
export type Heard = 'ping' | Omit<ChatRequest, 'delivery'>;

export interface Expected {
  /** The workspace that is heard. */
  workspace: string | undefined;
  /** Where Slack takes answers: https://hooks.slack.com, or the stand-in on the loopback. */
  responseOrigin: string;
}

/**
 * Reads what a sender has proven to have sent.
 * @throws Refusal for what has another form, and for people of another workspace
 */
export function readRequest(sender: Sender, body: Buffer, expected: Expected): Heard {
  const text = body.toString('utf8');
  if (sender.kind === 'webhook') {
    const { command } = check(webhookBody, fromJson(text));
    return { caller: { kind: 'webhook', name: sender.name }, said: { kind: 'command', text: command } };
  }
  const form = new URLSearchParams(text);
  return sender.kind === 'slack-command' ? readCommand(form, expected) : readInteraction(form, expected);
}

const webhookBody = z.strictObject({ command: z.string().max(MOST_TEXT) });

const responseUrl = z.string().max(MOST_RESPONSE_URL).optional();
/** Fields of a slash command that matter; Slack sends more, and may add others. */
const slashCommand = z.object({
  team_id: z.string(),
  channel_id: z.string(),
  user_id: z.string(),
  text: z.string().max(MOST_TEXT).default(''),
  response_url: responseUrl,
});

function readCommand(form: URLSearchParams, { workspace, responseOrigin }: Expected): Heard {
  if (form.get('ssl_check') === '1') return 'ping';
  const sent = check(slashCommand, Object.fromEntries(form));
  ofWorkspace(workspace, [sent.team_id]);
  return {
    caller: callerOf(sent.team_id, sent.user_id, sent.channel_id),
    said: { kind: 'command', text: sent.text },
    ...checkedUrl(sent.response_url, responseOrigin),
  };
}

/** A click on a button of a message. */
const blockActions = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: z.string() }),
  user: z.object({ id: z.string(), team_id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: messageId }),
  actions: z.array(z.object({ action_id: button, value: operationId })).length(1),
  response_url: responseUrl,
});

function readInteraction(form: URLSearchParams, { workspace, responseOrigin }: Expected): Heard {
  const sent = check(blockActions, fromJson(form.get('payload')));
  // Of a shared channel: the app is installed here, and who clicks is from elsewhere.
  ofWorkspace(workspace, [sent.team.id, sent.user.team_id]);
  const { action_id: clicked, value } = sent.actions[0]!;
  return {
    caller: callerOf(sent.team.id, sent.user.id, sent.channel.id),
    said: { kind: 'button', button: clicked, plan: value, message: sent.message.ts },
    ...checkedUrl(sent.response_url, responseOrigin),
  };
}

function ofWorkspace(workspace: string | undefined, teams: string[]): void {
  const other = teams.find((team) => team !== workspace);
  if (workspace !== undefined && other === undefined) return;
  throw new Refusal(
    403,
    'AnotherWorkspace',
    'People of other workspaces are not heard here.',
    `it is from the workspace ${JSON.stringify(other?.slice(0, 30))}`,
  );
}

const callerOf = (workspace: string, user: string, channel: string): ChatCaller =>
  check(chatCaller, { kind: 'slack', workspace, user, channel });

/** Answers are posted there: to Slack and to nobody else. */
function checkedUrl(text: string | undefined, origin: string): { responseUrl?: string } {
  if (text === undefined) return {};
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSlacks = url?.origin === origin && url.username === '' && url.password === '';
  if (!isSlacks || !chatRequest.shape.responseUrl.safeParse(url.href).success)
    throw new Refusal(400, 'Malformed', 'The response_url is not at Slack.');
  return { responseUrl: url.href };
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.').slice(0, 60) || 'the body'))];
  throw new Refusal(
    400,
    'Malformed',
    `The delivery has not the form that is expected: ${fields.slice(0, 3).join(', ')}.`,
  );
}
