import type { ApprovalRecord, Verdict } from '../../../../lambdas/contracts/approval';
import { decideApproval, type GivenVerdict } from '../../../../lambdas/domain/approval/decide-approval';

const DIGEST = 'a'.repeat(64);
const NOW = '2026-11-29T12:00:00.000Z';
const LATER = '2026-11-30T12:00:00.000Z';

const record = (more: Partial<ApprovalRecord> = {}): ApprovalRecord => ({
  execution: 'arn:aws:states:eu-central-1:000000000000:execution:kubeadm-autopilot-upgrade:one',
  id: 'upgrade.one',
  operation: 'upgrade',
  cluster: 'prod',
  digest: DIGEST,
  summary: 'prod gets 1.37.2.',
  requester: { source: 'api', who: 'arn:aws:iam::000000000000:user/alice', person: 'alice' },
  needed: 1,
  approvers: ['alice', 'bob', 'carol'],
  askedAt: '2026-11-29T11:00:00.000Z',
  deadline: LATER,
  verdicts: [],
  ...more,
});
const said = (person: string, verdict: Verdict['verdict'] = 'approve', more: Partial<Verdict> = {}): Verdict => ({
  ...{ person, who: `arn:aws:iam::000000000000:user/${person}`, verdict, at: NOW },
  ...more,
});
const unknown = { requester: { source: 'unknown' }, needed: 2 };

test.each<[string, Partial<ApprovalRecord>, string, string, number]>([
  ['nobody has said anything', {}, NOW, 'waiting', 1],
  ['one of one', { verdicts: [said('bob')] }, NOW, 'approved', 0],
  ['one of one, read after its time', { verdicts: [said('bob')] }, LATER, 'approved', 0],
  ['one of two', { needed: 2, verdicts: [said('bob')] }, NOW, 'waiting', 1],
  ['two of two', { needed: 2, verdicts: [said('bob'), said('carol')] }, NOW, 'approved', 0],
  ['the same person twice', { needed: 2, verdicts: [said('bob'), said('bob')] }, NOW, 'waiting', 1],
  ['the one who asked', { verdicts: [said('alice')] }, NOW, 'waiting', 1],
  ['somebody who is no approver', { verdicts: [said('mallory')] }, NOW, 'waiting', 1],
  ['unknown requester, one approval', { ...unknown, verdicts: [said('alice')] }, NOW, 'waiting', 1],
  ['unknown requester, two', { ...unknown, verdicts: [said('alice'), said('bob')] }, NOW, 'approved', 0],
  ['a rejection', { verdicts: [said('bob', 'reject')] }, NOW, 'rejected', 0],
  ['a rejection after an approval', { verdicts: [said('carol'), said('bob', 'reject')] }, NOW, 'rejected', 0],
  ['its time is over', {}, LATER, 'rejected', 1],
  ['the machine saw that its time was over', { expired: true }, NOW, 'rejected', 1],
])('%s', (_, more, now, state, missing) => {
  expect(decideApproval(record(more), now)).toMatchObject({ state, missing });
});

const given = (person: string | undefined, more: Partial<GivenVerdict> = {}): GivenVerdict => ({
  ...said(person ?? 'arn:aws:iam::000000000000:user/eve'),
  ...{ person, digest: DIGEST },
  ...more,
});

test.each<[string, Partial<ApprovalRecord>, GivenVerdict, string]>([
  ['an approver approves', {}, given('bob'), 'approved'],
  ['the first of two', { needed: 2 }, given('bob'), 'waiting'],
  ['the second of two', { needed: 2, verdicts: [said('carol')] }, given('bob'), 'approved'],
  ['the same again', { needed: 2, verdicts: [said('bob')] }, given('bob'), 'waiting'],
  ['the same again after the end', { verdicts: [said('bob')] }, given('bob'), 'approved'],
  ['an approver rejects, whatever the digest', {}, given('bob', { verdict: 'reject', digest: undefined }), 'rejected'],
  ['who asked takes it back', {}, given('alice', { verdict: 'reject' }), 'rejected'],
  ['who asked approves', {}, given('alice'), 'OwnRequest'],
  ['an identity that is nobody', {}, given(undefined), 'NotAnApprover'],
  ['a person who is no approver', {}, given('dave'), 'NotAnApprover'],
  ['a person who is no approver rejects', {}, given('dave', { verdict: 'reject' }), 'NotAnApprover'],
  ['another plan', {}, given('bob', { digest: 'b'.repeat(64) }), 'PlanChanged'],
  ['no plan', {}, given('bob', { digest: undefined }), 'PlanChanged'],
  [
    'said before, now of another plan',
    { needed: 2, verdicts: [said('bob')] },
    given('bob', { digest: 'c'.repeat(64) }),
    'PlanChanged',
  ],
  ['too late', { deadline: NOW }, given('bob'), 'AlreadyDecided'],
  ['after the machine gave up', { expired: true }, given('bob'), 'AlreadyDecided'],
  ['after a rejection', { verdicts: [said('carol', 'reject')] }, given('bob'), 'AlreadyDecided'],
  [
    'a rejection after the approval',
    { verdicts: [said('carol')] },
    given('bob', { verdict: 'reject' }),
    'AlreadyDecided',
  ],
])('given: %s', (_, more, verdict, expected) => {
  const decided = decideApproval(record(more), NOW, verdict);
  expect(decided.state === 'refused' ? decided.error : decided.state).toBe(expected);
  if (decided.state === 'refused') expect(`${decided.message} ${decided.whatToDo}`).toMatch(/^\S.*\. \S.*\.$/);
});

test('a verdict is kept with the identity it came from, and without the digest', () => {
  const decided = decideApproval(record(), NOW, given('bob'));
  expect(decided).toMatchObject({ verdicts: [said('bob')] });
});
