import type * as z from 'zod';
import type {
  ApprovalRecord,
  requestApprovalInput,
  RequestedApproval,
  VerifiedRequester,
} from '../../contracts/approval';
import { approversOf, type Decision } from '../../domain/approval/decide-approval';
import { approversNeeded } from '../../domain/approval/requester';
import { nameOf } from '../../domain/freezes';
import { operationIdOf } from '../../domain/operation-ids';
import { count, listNames, notificationSubject, shorten } from '../../domain/text/plain-text';
import { dateUtc } from '../../domain/text/time-left';

type Request = z.output<typeof requestApprovalInput>;

/** The record of an approval that nobody has given yet. */
export function newApproval(request: Request, requester: VerifiedRequester): ApprovalRecord {
  const { execution, operation, cluster, plan, settings, now } = request;
  return {
    ...{ execution, operation, cluster, requester },
    id: operationIdOf({ operation, name: execution.slice(execution.lastIndexOf(':') + 1) }),
    digest: plan.digest,
    summary: shorten(plan.summary, 900),
    needed: approversNeeded(requester, settings),
    approvers: settings.approvers,
    askedAt: now,
    deadline: new Date(Date.parse(now) + settings.hours * 3600_000).toISOString(),
    verdicts: [],
  };
}

/** What the state machine goes by. */
export function answerOf(record: ApprovalRecord, { state, verdicts }: Decision, isNew: boolean): RequestedApproval {
  const { id, digest, requester, deadline, needed, summary, operation, cluster, approvers } = record;
  const counting = approversOf(record, verdicts);
  const others = approvers.filter((one) => one !== requester.person);
  return {
    given: {
      state: state === 'approved' ? 'approved' : 'waiting',
      ...{ requester, digest },
      approvers: verdicts
        .filter(({ person, verdict }) => verdict === 'approve' && counting.includes(person))
        .map(({ person, who, at }) => ({ person, who, at })),
    },
    ...{ id, deadline, needed, isNew },
    subject: notificationSubject(`${cluster}: ${operation} waits for approval`),
    text: [
      `${operation} of ${cluster}, asked for by ${requesterName(requester)}, waits for ${count(needed, 'approval')} until ${dateUtc(deadline)}.`,
      `Of: ${listNames(others, 20)}.`,
      '',
      summary,
      '',
      `autopilot approve ${id}`,
      `autopilot reject ${id} --reason "..."`,
    ].join('\n'),
  };
}

export const requesterName = ({ person, who, source }: VerifiedRequester): string =>
  person ?? (who === undefined ? source : nameOf(who));

/** For an automatic renewal that does not have to wait. */
export const withoutApproval = ({ plan, now }: Request, requester: VerifiedRequester): RequestedApproval => ({
  given: { state: 'not-needed', requester, digest: plan.digest, approvers: [] },
  ...{ id: '', deadline: now, needed: 0, isNew: false, subject: '', text: '' },
});
