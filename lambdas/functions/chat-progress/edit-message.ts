import { setTimeout as delay } from 'node:timers/promises';
import type { ChatMessage } from '../../contracts/chat/message';
import { readMessage, reserve } from '../../aws/chat-store';
import { dynamoDb } from '../../aws/clients';
import { environment } from '../../runtime/lambda';
import { whenToEdit } from './when-to-edit';

/**
 * Waits for this message's turn: between two edits there are some seconds, and of many events that come meanwhile one is enough, because it
 * shows what all have brought.
 * @returns the message as it is then; undefined when somebody else edits it
 */
export async function waitForTurn(message: ChatMessage): Promise<ChatMessage | undefined> {
  const table = environment('CHAT_TABLE');
  const turn = whenToEdit(message.nextAt, Date.now());
  if (!turn) return undefined;
  if (!(await reserve(dynamoDb(), table, message, turn.nextAt))) return undefined;
  if (turn.wait > 0) await delay(turn.wait);
  return readMessage(dynamoDb(), table, message.id);
}
