import type { ApiAnswer, ApiRequest } from '../../contracts/api/routes';
import type { ApprovalStatus, OperationSummary } from '../../contracts/api/operations';
import { readApproval, updateApproval, type StoredApproval } from '../../aws/approvals';
import { dynamoDb, ssm, stepFunctions } from '../../aws/clients';
import { readSettings } from '../../aws/instances';
import type { DescribedExecution } from '../../aws/operation-executions';
import { wake } from '../../aws/wake';
import { approversOf, decideApproval, type GivenVerdict } from '../../domain/approval/decide-approval';
import { personOf } from '../../domain/approval/people';
import { parseClusterConfig } from '../../domain/parse-cluster-config';
import { environment, logger } from '../../runtime/lambda';
import { ApiFailure } from './api-failure';
import { findExecution } from './find-execution';

export async function approveOperation({
  parameters: { id },
  body: { digest },
  who,
}: ApiRequest<'approveOperation'>): Promise<ApiAnswer<'approveOperation'>> {
  return giveVerdict({ id, who, verdict: 'approve', digest });
}

export async function rejectOperation({
  parameters: { id },
  body: { reason },
  who,
}: ApiRequest<'rejectOperation'>): Promise<ApiAnswer<'rejectOperation'>> {
  return giveVerdict({ id, who, verdict: 'reject', reason });
}

interface Wanted {
  /** The operation's id. */
  id: string;
  /** The identity as it was verified: an ARN by API Gateway, `slack:WORKSPACE/USER` by Slack's signature. Nothing that the caller says. */
  who: string;
  verdict: 'approve' | 'reject';
  /** Of the plan that was seen. */
  digest?: string;
  reason?: string;
}

/** Somebody else may give a verdict at the same moment. */
const ATTEMPTS = 5;

/**
 * What every way in calls when a person approves or rejects. Writes the verdict down first, then wakes the operation, which looks at
 * what is written; said again, it wakes it again.
 * @throws ApiFailure in a sentence for the person
 */
export async function giveVerdict({ id, who, ...said }: Wanted): Promise<ApprovalStatus> {
  const execution = await findExecution(id);
  const table = environment('APPROVALS_TABLE');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stored = await readApproval(dynamoDb(), table, execution.arn);
    if (!stored) throw nothingAsked(id, execution.status);
    const now = new Date().toISOString();
    const given: GivenVerdict = { ...said, who, person: await findPerson(stored.record.cluster, who), at: now };
    const decision = decideApproval(stored.record, now, given);
    if (decision.state === 'refused') {
      logger.warn('Verdict refused', { id, who, verdict: said.verdict, error: decision.error });
      const status = ['NotAnApprover', 'OwnRequest'].includes(decision.error) ? 403 : 409;
      throw new ApiFailure(status, decision.error, decision.message, decision.whatToDo);
    }
    if (execution.status !== 'RUNNING') throw nothingAsked(id, execution.status);
    const record = { ...stored.record, verdicts: decision.verdicts };
    const after = await updateApproval(dynamoDb(), table, { ...stored, record });
    if (!after) continue;
    logger.info('Verdict given', { id, who, person: given.person, verdict: said.verdict, state: decision.state });
    // Without a token yet, the machine looks at the record when it comes to wait.
    if (decision.state !== 'waiting' && after.token) await wake(stepFunctions(), after.token);
    return describeApproval(after, now);
  }
  throw new ApiFailure(409, 'Conflict', `The approval of ${id} is being changed by others.`, 'Try again.');
}

async function findPerson(cluster: string, who: string): Promise<string | undefined> {
  const { people } = parseClusterConfig(cluster, await readSettings(ssm(), cluster));
  return personOf(who, people);
}

const nothingAsked = (id: string, status: string) =>
  status === 'RUNNING'
    ? new ApiFailure(
        409,
        'NoApprovalWanted',
        `${id} does not wait for approval.`,
        'Look at it with autopilot watch, or GET /operations.',
      )
    : new ApiFailure(409, 'NotRunning', `The operation ${id} has ended already (${status}).`, 'Start it again.');

/** The summary of an operation that runs, with the approval for which it waits or that it has. */
export async function withApproval<Summary extends OperationSummary>(
  execution: DescribedExecution,
  summary: Summary,
): Promise<Summary> {
  if (execution.status !== 'RUNNING' || summary.planOnly) return summary;
  const approval = await readApprovalStatus(execution.arn);
  return approval ? { ...summary, approval } : summary;
}

/** @param execution its ARN @returns undefined where none was asked for */
export async function readApprovalStatus(execution: string): Promise<ApprovalStatus | undefined> {
  const stored = await readApproval(dynamoDb(), environment('APPROVALS_TABLE'), execution);
  return stored && describeApproval(stored, new Date().toISOString());
}

function describeApproval({ record }: StoredApproval, now: string): ApprovalStatus {
  const { id, digest, summary, requester, needed, approvers, deadline, verdicts } = record;
  const { state, because } = decideApproval(record, now);
  return {
    ...{ id, state, because, digest, summary, needed, deadline },
    approvedBy: approversOf(record, verdicts),
    mayApprove: approvers.filter((person) => person !== requester.person),
    ...(requester.person !== undefined && { requester: requester.person }),
  };
}
