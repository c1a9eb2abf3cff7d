import type { ApprovalRecord, Verdict } from '../../contracts/approval';
import { dateUtc } from '../text/time-left';
import { count, listNames } from '../text/plain-text';

/** What somebody wants to say; `person` as his verified identity has been found among the cluster's people. */
export interface GivenVerdict extends Omit<Verdict, 'person'> {
  person: string | undefined;
  /** Of the plan that was seen. A rejection holds for any. */
  digest?: string | undefined;
}

export interface Decision {
  state: 'waiting' | 'approved' | 'rejected';
  /** Those that count, the given one with them. */
  verdicts: Verdict[];
  /** How many approvals are still to come. */
  missing: number;
  /** Why it is rejected, or what it waits for: half a sentence. */
  because: string;
}

export interface RefusedVerdict {
  state: 'refused';
  error: 'PlanChanged' | 'NotAnApprover' | 'OwnRequest' | 'AlreadyDecided';
  /** Sentences. */
  message: string;
  whatToDo: string;
}

/**
 * What an approval has come to, and what a person's verdict makes of it. One rejection is enough; the one who asked for the operation
 * may reject it, but an approval of theirs does not count. Saying the same again changes nothing.
 */
export function decideApproval(record: ApprovalRecord, now: string): Decision;
export function decideApproval(record: ApprovalRecord, now: string, given: GivenVerdict): Decision | RefusedVerdict;
export function decideApproval(record: ApprovalRecord, now: string, given?: GivenVerdict): Decision | RefusedVerdict {
  const before = judge(record, record.verdicts, now);
  if (!given) return before;
  const { digest, ...said } = given;
  const same = record.verdicts.some((one) => one.person === said.person && one.verdict === said.verdict);
  // Also after the decision: whoever tries again wakes the machine again.
  if (same && (said.verdict === 'reject' || digest === record.digest)) return before;
  const refused = whyRefused(record, before, given);
  if (refused) return refused;
  return judge(record, [...record.verdicts, { ...said, person: said.person! }], now);
}

function judge(record: ApprovalRecord, verdicts: Verdict[], now: string): Decision {
  const rejection = verdicts.find(({ verdict }) => verdict === 'reject');
  if (rejection) {
    const { person, reason } = rejection;
    return { state: 'rejected', verdicts, missing: 0, because: `${person} rejected it${reason ? ` (${reason})` : ''}` };
  }
  const missing = Math.max(0, record.needed - approversOf(record, verdicts).length);
  if (missing === 0) return { state: 'approved', verdicts, missing, because: 'it is approved' };
  const wanted = `${record.needed - missing} of ${count(record.needed, 'approval')}`;
  if (record.expired || Date.parse(now) >= Date.parse(record.deadline)) {
    const because = `it had ${wanted} by ${dateUtc(record.deadline)}`;
    return { state: 'rejected', verdicts, missing, because };
  }
  return {
    state: 'waiting',
    verdicts,
    missing,
    because: `it has ${wanted} and waits until ${dateUtc(record.deadline)}`,
  };
}

/** Each person once, and never the one who asked. */
export const approversOf = ({ requester, approvers }: ApprovalRecord, verdicts: Verdict[]): string[] => [
  ...new Set(
    verdicts
      .filter(({ verdict, person }) => verdict === 'approve' && approvers.includes(person))
      .map(({ person }) => person)
      .filter((person) => person !== requester.person),
  ),
];

function whyRefused(record: ApprovalRecord, before: Decision, given: GivenVerdict): RefusedVerdict | undefined {
  const { id, operation, cluster, approvers, requester } = record;
  const what = `${operation} of ${cluster}`;
  if (given.person === undefined || !approvers.includes(given.person))
    return refuse(
      'NotAnApprover',
      `${given.person ?? given.who} may not decide on ${what}: its approvers are ${listNames(approvers)}.`,
      `Ask one of them; clusters/${cluster}.yaml names them under approval, and their identities under people.`,
    );
  if (before.state !== 'waiting')
    return refuse(
      'AlreadyDecided',
      `The approval of ${id} has ended: ${before.because}.`,
      'Start the operation again where it is still wanted.',
    );
  if (given.verdict === 'reject') return undefined;
  if (given.digest !== record.digest)
    return refuse(
      'PlanChanged',
      `The plan of ${id} is not the one that ${given.person} has seen: its digest is ${record.digest.slice(0, 12)}, and ${given.digest?.slice(0, 12) || 'none'} was approved.`,
      'Look at the plan again, then approve that one.',
    );
  if (given.person === requester.person)
    return refuse(
      'OwnRequest',
      `${given.person} asked for ${what}, and cannot approve it.`,
      `Ask another approver: ${listNames(approvers.filter((one) => one !== given.person))}.`,
    );
  return undefined;
}

const refuse = (error: RefusedVerdict['error'], message: string, whatToDo: string): RefusedVerdict => ({
  ...{ state: 'refused', error, message, whatToDo },
});
