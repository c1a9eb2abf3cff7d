import type { ApprovalStatus, OperationDetails } from '../../contracts/api/operations';
import type { ChatMessage } from '../../contracts/chat/message';
import type { ChatAnswer } from '../../contracts/chat/request';
import { readMessage } from '../../aws/chat-store';
import { dynamoDb } from '../../aws/clients';
import { code, escape } from '../../domain/chat/mrkdwn';
import { environment, logger } from '../../runtime/lambda';
import { approveOperation, rejectOperation } from '../api/approvals';
import { showProgress } from '../chat-progress/show-progress';
import { ask, type Conversation } from './conversation';
import { Mistake } from './parse-command';

// Approving and rejecting, by the buttons under a plan and by command. Who counts as an approver, and that the one who asked does not, is
// decided where every way in decides it.

/** Approves the plan that the message shows. */
export async function approve({ id, digest }: ChatMessage, conversation: Conversation): Promise<ChatAnswer> {
  return approvePlan(id, digest, conversation);
}

export async function reject({ id }: ChatMessage, conversation: Conversation): Promise<ChatAnswer> {
  return rejectById(id, 'in Slack', conversation);
}

/**
 * Approves the plan that the operation waits with: it waits for the approval of one alone.
 * @param begins how the digest begins of the plan that the caller means
 * @throws Mistake when that is another one
 */
export async function approveById(
  { id, approval }: Pick<OperationDetails, 'id' | 'approval'>,
  begins: string | undefined,
  conversation: Conversation,
): Promise<ChatAnswer> {
  if (approval && begins !== undefined && !approval.digest.startsWith(begins.toLowerCase()))
    throw new Mistake(
      `${id} waits for the approval of another plan, ${approval.digest.slice(0, 12)}: look at it with show ${id}.`,
    );
  return approvePlan(id, approval?.digest, conversation);
}

export async function rejectById(id: string, reason: string, conversation: Conversation): Promise<ChatAnswer> {
  const request = ask('rejectOperation', conversation, { parameters: { id }, body: { reason } });
  return told(await rejectOperation(request), conversation);
}

async function approvePlan(id: string, digest: string | undefined, conversation: Conversation): Promise<ChatAnswer> {
  if (digest === undefined) throw new Mistake('This operation does not wait for approval.');
  const request = ask('approveOperation', conversation, { parameters: { id }, body: { digest } });
  return told(await approveOperation(request), conversation);
}

async function told(
  { id, state, because, digest, summary }: ApprovalStatus,
  { slack }: Conversation,
): Promise<ChatAnswer> {
  try {
    const message = await readMessage(dynamoDb(), environment('CHAT_TABLE'), id);
    if (message) await showProgress(message, slack);
  } catch (error) {
    // The verdict counts all the same; the next edit shows it.
    logger.error('The message does not show the verdict yet', { id, reason: (error as Error).message });
  }
  const text =
    state === 'approved' ? 'is approved' : `${state === 'waiting' ? 'still waits' : `is ${state}`}: ${escape(because)}`;
  return {
    ok: true,
    text: `${code(id)} ${text}.\nplan ${code(digest.slice(0, 12))}: ${escape(summary, 1_000)}`,
    operation: id,
  };
}
