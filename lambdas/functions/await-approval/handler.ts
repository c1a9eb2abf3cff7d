import { awaitApprovalInput } from '../../contracts/approval';
import { keepToken } from '../../aws/approvals';
import { dynamoDb, stepFunctions } from '../../aws/clients';
import { wake } from '../../aws/wake';
import { decideApproval } from '../../domain/approval/decide-approval';
import { environment, logger, parsePayload } from '../../runtime/lambda';

/** Keeps the token that wakes the state machine; wakes it at once where a verdict came before there was a token. */
export async function handler(payload: unknown): Promise<void> {
  const { execution, token } = parsePayload(awaitApprovalInput, payload);
  const stored = await keepToken(dynamoDb(), environment('APPROVALS_TABLE'), execution, token);
  if (!stored) throw new Error(`There is no approval of ${execution}: start the operation again.`);
  // As of when it was asked for: its time ends with the state's own limit.
  const { state } = decideApproval(stored.record, stored.record.askedAt);
  logger.info('Approval awaited', { id: stored.record.id, state });
  if (state !== 'waiting') await wake(stepFunctions(), token);
}
