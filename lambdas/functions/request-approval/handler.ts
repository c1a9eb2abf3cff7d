import {
  requestApprovalInput,
  type ApprovalRecord,
  type RequestApprovalInput,
  type RequestedApproval,
} from '../../contracts/approval';
import { createApproval, readApproval, readStart, updateApproval, type StoredApproval } from '../../aws/approvals';
import { dynamoDb } from '../../aws/clients';
import { decideApproval } from '../../domain/approval/decide-approval';
import { isWanted, verifyRequester } from '../../domain/approval/requester';
import { environment, logger, parsePayload } from '../../runtime/lambda';
import { UserError } from '../../runtime/user-error';
import { answerOf, newApproval, withoutApproval } from './new-approval';

/** Somebody may give a verdict at the same moment. */
const ATTEMPTS = 5;

/**
 * Whether this execution's plan is approved. Asks for it where nobody has yet; a redriven execution finds what was asked and given. A
 * store that does not answer is a failure, and so never a yes.
 * @throws UserError ApprovalRejected, PlanChanged
 */
export async function handler(payload: unknown): Promise<RequestedApproval> {
  const request = parsePayload(requestApprovalInput, payload);
  const table = environment('APPROVALS_TABLE');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stored = await readApproval(dynamoDb(), table, request.execution);
    if (stored) {
      const answer = await lookAt(stored, request, table);
      if (answer) return answer;
      continue;
    }
    const start = await readStart(dynamoDb(), table, request.execution);
    const requester = verifyRequester(start, request.input, request.people);
    if (!isWanted(requester, request.settings)) return withoutApproval(request, requester);
    const record = newApproval(request, requester);
    if (await createApproval(dynamoDb(), table, record)) {
      logger.info('Approval asked for', { id: record.id, digest: record.digest, needed: record.needed });
      return answerOf(record, decideApproval(record, request.now), true);
    }
  }
  throw new Error(`The approval of ${request.execution} was changed ${ATTEMPTS} times while it was read.`);
}

/** @returns undefined when somebody has changed it meanwhile */
async function lookAt(
  stored: StoredApproval,
  { plan, now }: Pick<RequestApprovalInput, 'plan' | 'now'>,
  table: string,
): Promise<RequestedApproval | undefined> {
  const { record, token } = stored;
  const what = `${record.operation} of ${record.cluster}`;
  if (record.digest !== plan.digest)
    throw new UserError(
      'PlanChanged',
      `The plan of ${what} has changed since approval was asked for (now: ${plan.summary}), so nothing was done: look at the plan with planOnly, then start ${record.operation} again.`,
    );
  const decision = decideApproval(record, now);
  logger.info('Approval looked at', { id: record.id, state: decision.state });
  if (decision.state !== 'rejected') return answerOf(record, decision, token === undefined);
  // So that nobody is told that an approval was taken which comes too late.
  if (!record.expired && !(await updateApproval(dynamoDb(), table, expiredOf(stored)))) return undefined;
  throw new UserError(
    'ApprovalRejected',
    `${what} is rejected: ${decision.because}. Nothing was changed: start ${record.operation} again where it is still wanted.`,
  );
}

const expiredOf = (stored: StoredApproval): StoredApproval & { record: ApprovalRecord } => ({
  ...stored,
  record: { ...stored.record, expired: true },
});
