import { createHash } from 'node:crypto';
import type { Button, ChatAnswer, ChatRequest } from '../../contracts/chat/request';
import type { ChatMessage } from '../../contracts/chat/message';
import type { ChatRight } from '../../contracts/chat/rights';
import { moveOn, readMessage } from '../../aws/chat-store';
import { dynamoDb } from '../../aws/clients';
import { mention } from '../../domain/chat/mrkdwn';
import { planIn, say } from '../../domain/chat/plan-message';
import { environment } from '../../runtime/lambda';
import { describeOperation } from '../api/operations';
import { assertAllowed } from './allowed';
import { ask, type Conversation } from './conversation';
import { Mistake } from './parse-command';
import { showRun } from './start';
import { approve, reject } from './verdicts';

type Click = Extract<ChatRequest['said'], { kind: 'button' }>;
type OnClick = (message: ChatMessage, conversation: Conversation) => Promise<ChatAnswer>;

/** What each button does, under which kind of message, and the right that it needs. */
const ON_CLICK: Record<Button, { right: ChatRight; under: ChatMessage['kind']; act: OnClick }> = {
  start: { right: 'start', under: 'plan', act: start },
  discard: { right: 'plan', under: 'plan', act: discard },
  approve: { right: 'approve', under: 'run', act: approve },
  reject: { right: 'approve', under: 'run', act: reject },
};

/** A plan is of the cluster as it was: whoever starts one later looks at it anew. */
const OLDEST_PLAN_MS = 60 * 60_000;

/**
 * A click says which operation; what it is about is read from that operation, and from the message that tells of it.
 * @throws Mistake, NotAllowed
 */
export async function click({ button, plan, message: ts }: Click, conversation: Conversation): Promise<ChatAnswer> {
  const { caller, slack } = conversation;
  const message = await readMessage(dynamoDb(), environment('CHAT_TABLE'), plan);
  const isHere = caller.kind === 'slack' && message?.channel === caller.channel && message.ts === ts;
  const { right, under, act } = ON_CLICK[button];
  if (!message || !isHere || message.kind !== under)
    throw new Mistake('This plan is not known here: ask for it again.');
  await assertAllowed(caller, message.cluster, { right, operation: message.operation }, slack);
  return act(message, conversation);
}

async function start(message: ChatMessage, conversation: Conversation): Promise<ChatAnswer> {
  const { operation, cluster, id } = message;
  const { input, output, endedAt } = await describeOperation(
    ask('describeOperation', conversation, { parameters: { id } }),
  );
  const planned = planIn(output);
  if (planned?.decision !== 'act') throw new Mistake('There is nothing to start in this plan.');
  if (isStale(endedAt, new Date())) throw new Mistake('This plan is more than an hour old: ask for it again.');
  await claim(message, 'started', conversation);
  const { cluster: _, planOnly: __, ...options } = input;
  // The plan's own key: it is started once, whoever clicks how often.
  const key = `plan.${createHash('sha256').update(id).digest('hex').slice(0, 40)}`;
  const nodes = [...new Set(planned.steps.map(({ name }) => name))].slice(0, 500);
  return showRun({ operation, cluster, options, key }, conversation, message, nodes);
}

async function discard(message: ChatMessage, conversation: Conversation): Promise<ChatAnswer> {
  await claim(message, 'discarded', conversation);
  const { caller, slack } = conversation;
  const by = caller.kind === 'slack' ? mention(caller.user) : caller.name;
  await (
    await slack()
  ).edit(message.channel, message.ts, say(message, `The plan was discarded by ${by}; nothing was started.`));
  return { ok: true, text: '' };
}

/** One click counts; Lambda's repetition of it counts as the same. */
async function claim(message: ChatMessage, to: 'started' | 'discarded', { delivery }: Conversation): Promise<void> {
  const table = environment('CHAT_TABLE');
  if (await moveOn(dynamoDb(), table, message.id, { from: ['open'], to, by: delivery })) return;
  const now = await readMessage(dynamoDb(), table, message.id);
  if (now?.state === to && now.by === delivery) return;
  throw new Mistake(`This plan is ${now?.state ?? 'gone'} already.`);
}

/** @param endedAt when the plan was there, ISO 8601 */
export const isStale = (endedAt: string | undefined, now: Date): boolean =>
  endedAt === undefined || now.getTime() - Date.parse(endedAt) > OLDEST_PLAN_MS;
