import { chatRequest, type ChatAnswer, type ChatRequest } from '../../contracts/chat/request';
import { ssm } from '../../aws/clients';
import { NotInChannel, Slack, whisper } from '../../aws/slack';
import { entities } from '../../domain/chat/mrkdwn';
import { plainLines } from '../../domain/text/plain-text';
import { chatSettingsOf, logger, parsePayload } from '../../runtime/lambda';
import { describeFailure } from '../api/api-failure';
import { NotAllowed } from './allowed';
import { click } from './buttons';
import type { Conversation } from './conversation';
import { Mistake, parseCommand } from './parse-command';
import { runCommand } from './run-command';

/**
 * Carries out what `chat-webhook` has heard: a command, or a click on a button. What it does goes through the code of the HTTPS API. Lambda may
 * invoke it twice for one delivery: what it starts has an id that the delivery determines.
 */
export async function handler(payload: unknown): Promise<ChatAnswer> {
  const request = parsePayload(chatRequest, payload);
  const answer = await carryOut(request);
  if (request.responseUrl !== undefined && answer.text !== '') await tellCaller(request.responseUrl, answer.text);
  return answer;
}

/** What was done is done: an answer that Slack does not take is no reason to do it again. */
async function tellCaller(responseUrl: string, text: string): Promise<void> {
  try {
    await whisper(responseUrl, text);
  } catch (error) {
    logger.error('The answer did not reach Slack', { reason: (error as Error).message });
  }
}

async function carryOut(request: ChatRequest): Promise<ChatAnswer> {
  const { caller, said, delivery } = request;
  const conversation: Conversation = {
    caller,
    delivery,
    who: caller.kind === 'slack' ? `slack:${caller.workspace}/${caller.user}` : `webhook:${caller.name}`,
    slack: connect,
  };
  try {
    return said.kind === 'command'
      ? await runCommand(parseCommand(said.text), conversation)
      : await click(said, conversation);
  } catch (error) {
    const text = tell(error);
    logger.info('Refused', { caller, said, text });
    return { ok: false, text };
  }
}

/** A sentence of ours is shown as it is; it may hold what somebody has typed. */
function tell(error: unknown): string {
  if (error instanceof Mistake || error instanceof NotAllowed) return safe(error.message);
  if (error instanceof NotInChannel)
    return 'The app is not a member of this channel: type `/invite @autopilot` and then the command again. Nothing was started.';
  const { message, whatToDo } = describeFailure(error, 'a command of a chat').body;
  return safe([message, whatToDo].filter((part) => part !== undefined).join(' '));
}

const safe = (text: string) => entities(plainLines(text)).slice(0, 2_900);

let connected: Slack | undefined;
async function connect(): Promise<Slack> {
  const { slack } = chatSettingsOf();
  if (!slack) throw new Error('chat.yaml has no workspace of Slack.');
  return (connected ??= await Slack.connect(ssm(), slack.botToken));
}
