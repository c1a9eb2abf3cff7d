import {
  approvalWantedDetail,
  EVENT,
  nodeProgressDetail,
  reportWrittenDetail,
  type ApprovalWantedDetail,
  type NodeProgressDetail,
  type ReportWrittenDetail,
} from '../../contracts/events';
import { executionChanged, type ChatMessage } from '../../contracts/chat/message';
import {
  claimTelling,
  giveTellingBack,
  moveOn,
  noteApproval,
  noteNode,
  readMessage,
  type Telling,
} from '../../aws/chat-store';
import { dynamoDb, ssm } from '../../aws/clients';
import { NotInChannel, Slack } from '../../aws/slack';
import { executionOf, operationIdOf } from '../../domain/operation-ids';
import { planIn, planMessage, say } from '../../domain/chat/plan-message';
import { entities } from '../../domain/chat/mrkdwn';
import { endOf } from '../../domain/chat/progress-message';
import { reportMessage } from '../../domain/chat/report-message';
import { shorten } from '../../domain/text/plain-text';
import { chatSettingsOf, environment, logger, stateMachines } from '../../runtime/lambda';
import { showEnd, showProgress, standingOf } from './show-progress';

/**
 * Follows the operations that were asked for in Slack by events, and edits their messages. Each edit shows all that is known, so events
 * may come twice and in any order; other operations have no message, and end here.
 */
export async function handler(event: unknown): Promise<void> {
  try {
    await tell(event);
  } catch (error) {
    if (!(error instanceof NotInChannel)) throw error;
    // The operation goes on without its message; trying again would not help.
    logger.warn('The channel takes no messages any more', { reason: error.message });
  }
}

async function tell(event: unknown): Promise<void> {
  const ended = executionChanged.safeParse(event);
  if (ended.success) return tellEnd(ended.data.detail.executionArn);
  const { 'detail-type': type, detail } = event as { 'detail-type'?: string; detail?: unknown };
  if (type === EVENT.approvalWanted) return tellApproval(approvalWantedDetail.parse(detail));
  if (type === EVENT.reportWritten) return tellReport(reportWrittenDetail.parse(detail));
  const progress = nodeProgressDetail.safeParse(detail);
  if (type === EVENT.nodeProgress && progress.success) await tellNode(progress.data);
}

async function tellApproval({ id, digest }: ApprovalWantedDetail): Promise<void> {
  const message = await noteApproval(dynamoDb(), environment('CHAT_TABLE'), id, digest);
  if (message) await showProgress(message, slack);
}

async function tellNode({ execution, node, step, state, at, seconds, message: why }: NodeProgressDetail) {
  const id = idOf(execution);
  if (id === undefined) return;
  const told = {
    step,
    state,
    at,
    ...(seconds !== undefined && { seconds }),
    ...(why !== undefined && { message: why }),
  };
  const message = await noteNode(dynamoDb(), environment('CHAT_TABLE'), id, shorten(node, 100), told);
  if (message?.state === 'running') await showProgress(message, slack);
}

async function tellEnd(executionArn: string): Promise<void> {
  const id = idOf(executionArn);
  const message = id === undefined ? undefined : await readMessage(dynamoDb(), environment('CHAT_TABLE'), id);
  if (!message) return;
  if (message.kind === 'plan') return tellPlan(message);
  // Others see by this that theirs is not the last edit.
  await moveOn(dynamoDb(), environment('CHAT_TABLE'), message.id, { from: ['running'], to: 'ended' });
  const standing = await showEnd(message, slack);
  if (standing) await tellThread(message, 'end', endOf(message, standing));
}

/** The end comes first in the thread, also where its own event is late or could not be handled. */
async function tellReport(report: ReportWrittenDetail): Promise<void> {
  const message = await readMessage(dynamoDb(), environment('CHAT_TABLE'), report.id);
  if (message?.kind !== 'run') return;
  if (!message.endTold) await tellEnd(report.execution);
  await tellThread(message, 'report', reportMessage(report));
}

/** Once, however often the event comes: those who follow the thread are notified. */
async function tellThread(message: ChatMessage, what: Telling, text: string): Promise<void> {
  const table = environment('CHAT_TABLE');
  if (!(await claimTelling(dynamoDb(), table, message.id, what))) return;
  try {
    await (await slack()).post(message.channel, { text, blocks: [] }, message.ts);
  } catch (error) {
    await giveTellingBack(dynamoDb(), table, message.id, what);
    throw error;
  }
  logger.info('Told in the thread', { id: message.id, what });
}

async function tellPlan(message: ChatMessage): Promise<void> {
  const standing = await standingOf(message.id);
  if (standing?.endedAt === undefined) return;
  const { status, output, error, cause } = standing;
  const hasPlan = status === 'SUCCEEDED';
  const opens = hasPlan && planIn(output)?.decision === 'act';
  const known = await moveOn(dynamoDb(), environment('CHAT_TABLE'), message.id, {
    from: ['computing', 'open'],
    to: opens ? 'open' : 'closed',
  });
  // Somebody has started or discarded it: the event has come once more.
  if (!known) return;
  const shown = hasPlan
    ? planMessage(message, output, opens)
    : say(message, `:x: There is no plan. ${entities(shorten(`${error ?? status}: ${cause ?? ''}`, 1_500))}`);
  await (await slack()).edit(message.channel, message.ts, shown);
}

function idOf(executionArn: string): string | undefined {
  const of = executionOf(executionArn, stateMachines());
  return of && operationIdOf(of);
}

let connected: Slack | undefined;
const slack = async () => (connected ??= await Slack.connect(ssm(), chatSettingsOf().slack!.botToken));
