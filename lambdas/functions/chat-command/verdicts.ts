import type { ApprovalStatus } from '../../contracts/api/operations';
import type { ChatMessage } from '../../contracts/chat/message';
import type { ChatAnswer } from '../../contracts/chat/request';
import { code, escape } from '../../domain/chat/mrkdwn';
import { logger } from '../../runtime/lambda';
import { approveOperation, rejectOperation } from '../api/approvals';
import { showProgress } from '../chat-progress/show-progress';
import { ask, type Conversation } from './conversation';
import { Mistake } from './parse-command';

// The buttons under the plan for whose approval an operation waits. Who counts as an approver, and that the one who asked does not, is
// decided where every way in decides it.

/** Approves the plan that the message shows. */
export async function approve(message: ChatMessage, conversation: Conversation): Promise<ChatAnswer> {
  const { id, digest } = message;
  if (digest === undefined) throw new Mistake('This operation does not wait for approval.');
  const request = ask('approveOperation', conversation, { parameters: { id }, body: { digest } });
  return told(await approveOperation(request), message, conversation);
}

export async function reject(message: ChatMessage, conversation: Conversation): Promise<ChatAnswer> {
  const { id } = message;
  const request = ask('rejectOperation', conversation, { parameters: { id }, body: { reason: 'in Slack' } });
  return told(await rejectOperation(request), message, conversation);
}

async function told(
  { id, state, because }: ApprovalStatus,
  message: ChatMessage,
  { slack }: Conversation,
): Promise<ChatAnswer> {
  try {
    await showProgress(message, slack);
  } catch (error) {
    // The verdict counts all the same; the next edit shows it.
    logger.error('The message does not show the verdict yet', { id, reason: (error as Error).message });
  }
  const text = state === 'waiting' ? `still waits: ${escape(because)}` : `is ${state}`;
  return { ok: true, text: `${code(id)} ${text}.`, operation: id };
}
