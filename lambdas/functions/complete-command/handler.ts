import { InvalidToken, SendTaskSuccessCommand, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { commandCompleted, commandEnded } from '../../contracts/command-ended';
import { stepFunctions, ssm } from '../../aws/clients';
import { hasEnded } from '../../domain/commands/status';
import { logger } from '../../runtime/logger';
import { parsePayload } from '../../runtime/parse-payload';
import { findTaskToken } from './find-task-token';

/** Tells RunOnNodes that a command has ended. It says nothing about how: that is read from SSM. */
export async function handler(event: unknown): Promise<void> {
  const { 'command-id': commandId, status, parameters } = parsePayload(commandEnded, event).detail;
  if (!hasEnded(status)) return;
  const token = findTaskToken(parameters) ?? findTaskToken(await readParameters(commandId));
  if (token === undefined) {
    logger.info('Nobody waits for this command', { commandId, status });
    return;
  }
  try {
    const output = JSON.stringify(commandCompleted.parse({ commandId }));
    await stepFunctions().send(new SendTaskSuccessCommand({ taskToken: token, output }));
    logger.info('Command ended', { commandId, status });
  } catch (error) {
    if (!isNoLongerWaiting(error)) throw error;
    // Delivered twice, or so late that RunOnNodes went to look for itself: both are in order.
    logger.info('RunOnNodes no longer waits for this command', { commandId, status, reason: error.name });
  }
}

async function readParameters(commandId: string): Promise<unknown> {
  const { Commands: commands } = await ssm().send(new ListCommandsCommand({ CommandId: commandId }));
  return commands?.[0]?.Parameters;
}

function isNoLongerWaiting(error: unknown): error is Error {
  return error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;
}
