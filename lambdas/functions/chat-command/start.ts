import type { ChatAnswer } from '../../contracts/chat/request';
import type { ChatMessage } from '../../contracts/chat/message';
import type { OperationName } from '../../contracts/operation';
import { moveOn, putMessage, readMessage } from '../../aws/chat-store';
import { dynamoDb } from '../../aws/clients';
import { code, entities } from '../../domain/chat/mrkdwn';
import { computing, say } from '../../domain/chat/plan-message';
import { progressMessage } from '../../domain/chat/progress-message';
import { environment } from '../../runtime/lambda';
import { describeFailure } from '../api/api-failure';
import { idOfStart, planOperation, startOperation } from '../api/start';
import { ask, type Conversation } from './conversation';

export interface Asked {
  operation: OperationName;
  cluster: string;
  options: Record<string, unknown>;
  /** The same key again starts nothing new. */
  key: string;
}

/** Where an operation is told of: a new message, or one that is there. */
type Place = Pick<ChatMessage, 'channel' | 'ts'>;

/** Computes a plan; `chat-progress` puts it into the message when it is there, with its buttons. */
export function showPlan(asked: Asked, conversation: Conversation): Promise<ChatAnswer> {
  return begin('plan', asked, conversation);
}

/** Starts an operation, which `chat-progress` follows in the message. */
export function showRun(
  asked: Asked,
  conversation: Conversation,
  place?: Place,
  planned?: string[],
): Promise<ChatAnswer> {
  return begin('run', asked, conversation, place, planned);
}

async function begin(
  kind: ChatMessage['kind'],
  { operation, cluster, options, key }: Asked,
  conversation: Conversation,
  place?: Place,
  planned: string[] = [],
): Promise<ChatAnswer> {
  const name = kind === 'plan' ? 'planOperation' : 'startOperation';
  const request = ask(name, conversation, { parameters: { operation, cluster }, body: options, idempotencyKey: key });
  const id = idOfStart(request);
  const { caller } = conversation;
  const message: Omit<ChatMessage, 'channel' | 'ts'> | undefined =
    caller.kind === 'slack'
      ? {
          ...{ id, kind, operation, cluster, user: caller.user, planned, nodes: {}, nextAt: 0 },
          state: kind === 'plan' ? 'computing' : 'running',
        }
      : undefined;
  // Before the start: the events of an operation find its message from the first one on.
  const shown = message && (await show(message, conversation, place));
  try {
    const started = await (kind === 'plan' ? planOperation(request) : startOperation(request));
    if (shown) return { ok: true, text: '', operation: started.id };
    const next = kind === 'plan' ? ` computes the plan: show ${started.id}` : ' is started';
    return { ok: true, text: `${code(started.id)}${next}`, operation: started.id };
  } catch (error) {
    if (shown) await giveUp(shown, error, conversation);
    throw error;
  }
}

/** @throws NotInChannel, and then nothing is started */
async function show(
  message: Omit<ChatMessage, 'channel' | 'ts'>,
  { caller, slack }: Conversation,
  place?: Place,
): Promise<ChatMessage> {
  const table = environment('CHAT_TABLE');
  const known = await readMessage(dynamoDb(), table, message.id);
  if (known) return known;
  const channel = place?.channel ?? (caller.kind === 'slack' ? caller.channel : '');
  const first = { ...message, channel, ts: place?.ts ?? '' };
  const text = message.kind === 'plan' ? computing(first) : progressMessage(first, undefined, 'begin');
  if (place) await (await slack()).edit(place.channel, place.ts, text);
  const ts = place?.ts ?? (await (await slack()).post(channel, text));
  const shown = { ...first, ts };
  await putMessage(dynamoDb(), table, shown);
  return shown;
}

async function giveUp(message: ChatMessage, error: unknown, { slack }: Conversation): Promise<void> {
  await moveOn(dynamoDb(), environment('CHAT_TABLE'), message.id, {
    from: [message.state],
    to: message.kind === 'plan' ? 'closed' : 'ended',
  });
  const { body } = describeFailure(error, 'starting an operation for a chat');
  const sentence = `:x: It was not started: ${entities(`${body.message} ${body.whatToDo ?? ''}`.trim())}`;
  await (await slack()).edit(message.channel, message.ts, say(message, sentence));
}
