import type { KnownBlock } from '@slack/types';
import type { ApprovalStatus } from '../../contracts/api/operations';
import type { ChatMessage } from '../../contracts/chat/message';
import { listNames } from '../text/plain-text';
import { code, escape, mention } from './mrkdwn';
import { approvalButtons } from './plan-buttons';
import { context, heading, section } from './plan-message';

/** An operation that waits for approval: the plan that is to be approved, who may do it, and the buttons. */
export function approvalMessage(
  message: ChatMessage,
  { because, summary, digest, mayApprove, approvedBy }: ApprovalStatus,
): { text: string; blocks: KnownBlock[] } {
  const lines = [
    `${heading(message)} waits for approval: ${escape(because)}.`,
    escape(summary, 1_000),
    `Approvers: ${escape(listNames(mayApprove, 20), 1_000)}.`,
    ...(approvedBy.length > 0 ? [`Approved by ${escape(listNames(approvedBy), 300)}.`] : []),
  ].filter((line) => line !== '');
  return {
    text: lines.join('\n'),
    blocks: [
      ...lines.map(section),
      context(`plan ${code(digest.slice(0, 12))} · ${code(message.id)} · asked by ${mention(message.user)}`),
      approvalButtons(message.id),
    ],
  };
}
