import { InvalidToken, SendTaskSuccessCommand, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { commandCompleted, commandEnded } from '../../contracts/run-on-nodes';
import { stepFunctions, ssm } from '../../aws/clients';
import { hasEnded } from '../../domain/commands/status';
import { logger, parsePayload } from '../../runtime/lambda';

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

/** The task token among a command's parameters, as the event or ListCommands shows them; undefined when it has none. */
export function findTaskToken(parameters: unknown): string | undefined {
  const values = typeof parameters === 'string' ? fromJson(parameters) : parameters;
  if (values === null || typeof values !== 'object') return undefined;
  const value = (values as Record<string, unknown>).TaskToken;
  const token: unknown = Array.isArray(value) ? value[0] : value;
  // Commands that a person sent by hand carry the document's default.
  return typeof token === 'string' && token.length > 0 && token !== 'none' ? token : undefined;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
