import type { ApprovalStatus } from '../../contracts/api/operations';
import type { ChatMessage } from '../../contracts/chat/message';
import { readMessage } from '../../aws/chat-store';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { describeOperation } from '../../aws/operation-executions';
import type { Slack } from '../../aws/slack';
import { approvalMessage } from '../../domain/chat/approval-message';
import { progressMessage, type Standing } from '../../domain/chat/progress-message';
import { executionArn } from '../../domain/operations';
import { parseOperationId } from '../../domain/operation-ids';
import { environment, stateMachines } from '../../runtime/lambda';
import { readApprovalStatus } from '../api/approvals';
import { waitForTurn } from './edit-message';

/** Edits the message of an operation that runs, so that it shows all that is known, whatever it is edited for. */
export async function showProgress(message: ChatMessage, slack: () => Promise<Slack>): Promise<void> {
  const current = await waitForTurn(message);
  if (current?.state !== 'running') return;
  const approval = await approvalOf(current);
  const shown =
    approval?.state === 'waiting'
      ? approvalMessage(current, approval)
      : progressMessage(current, undefined, String(current.nextAt));
  await (await slack()).edit(current.channel, current.ts, shown);
  // The end may have come meanwhile, and its edit before this one.
  const after = await readMessage(dynamoDb(), environment('CHAT_TABLE'), current.id);
  if (after?.state === 'ended') await showEnd(after, slack);
}

/** @returns undefined while the operation runs */
export async function showEnd(message: ChatMessage, slack: () => Promise<Slack>): Promise<Standing | undefined> {
  const standing = await standingOf(message.id);
  if (standing?.endedAt === undefined) return undefined;
  await (await slack()).edit(message.channel, message.ts, progressMessage(message, standing, 'end'));
  return standing;
}

export async function standingOf(id: string): Promise<Standing | undefined> {
  const of = parseOperationId(id);
  const found = of && (await describeOperation(stepFunctions(), stateMachines(), of));
  if (!found) return undefined;
  const { status, startedAt, endedAt, output, error, cause } = found;
  return {
    ...{ status, output, error, cause, startedAt: startedAt.toISOString() },
    ...(endedAt && { endedAt: endedAt.toISOString() }),
  };
}

/** Of an operation that no node has been changed for yet. */
async function approvalOf({ id, digest, nodes }: ChatMessage): Promise<ApprovalStatus | undefined> {
  const of = parseOperationId(id);
  if (!of || digest === undefined || Object.keys(nodes).length > 0) return undefined;
  return readApprovalStatus(executionArn(stateMachines()[of.operation] ?? '', of.name));
}
