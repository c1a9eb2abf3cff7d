import type { StartRecord, VerifiedRequester } from '../../contracts/approval';
import type { ApprovalSettings, Person } from '../../contracts/approval-settings';
import { digest } from '../digest';
import { personOf } from './people';

/** Nobody but these starts an operation without being asked by a person. */
const AUTOMATIC = ['schedule', 'check-certificates'];

/**
 * Who asked for an execution, by what `start-operation` wrote down. The execution's own input proves nothing: whoever may start a state
 * machine directly writes it as he likes.
 */
export function verifyRequester(record: StartRecord | undefined, input: unknown, people: Person[]): VerifiedRequester {
  if (record?.inputDigest !== digest(input)) return { source: 'unknown' };
  const { source, who } = record;
  const person = who === undefined ? undefined : personOf(who, people);
  return { source, ...(who !== undefined && { who }), ...(person !== undefined && { person }) };
}

export const isAutomatic = ({ source, who }: VerifiedRequester): boolean =>
  who === undefined && AUTOMATIC.includes(source);

/** Whether an operation has to wait for people, where the settings name it. */
export const isWanted = (requester: VerifiedRequester, { automaticRenewals }: ApprovalSettings): boolean =>
  automaticRenewals || !isAutomatic(requester);

/** One more where the requester may be one of the approvers, and nobody can tell. */
export const approversNeeded = (requester: VerifiedRequester, { count }: ApprovalSettings): number =>
  count + (requester.person !== undefined || isAutomatic(requester) ? 0 : 1);
