import { approvalSettings, person, type Person } from '../../../../lambdas/contracts/approval-settings';
import { personOf } from '../../../../lambdas/domain/approval/people';
import { approversNeeded, isWanted, verifyRequester } from '../../../../lambdas/domain/approval/requester';
import { digest } from '../../../../lambdas/domain/digest';

const SSO = 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Operators_0123456789abcdef';
const people: Person[] = [
  { name: 'alice', iam: ['arn:aws:iam::123456789012:user/team/alice'], slack: ['T012ABC/U012ABC'] },
  { name: 'ops', iam: ['arn:aws:iam::123456789012:role/team/Operators'], slack: [] },
  { name: 'bob', iam: [`${SSO}/bob@example.com`], slack: [] },
].map((one) => person.parse(one));

test.each<[string, string, string | undefined]>([
  ['a user', 'arn:aws:iam::123456789012:user/team/alice', 'alice'],
  ['the user of another account', 'arn:aws:iam::210987654321:user/team/alice', undefined],
  ['a user of Slack', 'slack:T012ABC/U012ABC', 'alice'],
  ['the same user in another workspace', 'slack:T999XYZ/U012ABC', undefined],
  ['a session of a role', 'arn:aws:sts::123456789012:assumed-role/Operators/alice', 'ops'],
  ['another session of it is the same person', 'arn:aws:sts::123456789012:assumed-role/Operators/bob', 'ops'],
  ['a session of IAM Identity Center', `${SSO}/bob@example.com`, 'bob'],
  ['another session of that role', `${SSO}/eve@example.com`, undefined],
  ['a session named like a user', 'arn:aws:sts::123456789012:assumed-role/alice/alice', undefined],
  ['a name that a person has', 'alice', undefined],
])('%s', (_, who, name) => expect(personOf(who, people)).toBe(name));

test.each([
  'arn:aws:sts::123456789012:assumed-role/Operators/alice',
  'arn:aws:iam::123456789012:root',
  'alice',
  'arn:aws:iam::123456789012:user/*',
])('%s is no identity to list', (arn) => expect(person.safeParse({ name: 'x', iam: [arn] }).success).toBe(false));

const input = { cluster: 'prod', version: '1.37.2' };
const start = (more: object) => ({ execution: 'arn', source: 'api', inputDigest: digest(input), ...more });
const settings = approvalSettings.parse({ operations: ['upgrade'], approvers: ['alice'] });

test.each<[string, Parameters<typeof verifyRequester>[0], object, number, boolean]>([
  ['nobody wrote it down', undefined, { source: 'unknown' }, 2, true],
  [
    'written down for another input',
    start({ inputDigest: 'x', who: people[0]!.iam[0] }),
    { source: 'unknown' },
    2,
    true,
  ],
  ['a person', start({ who: people[0]!.iam[0] }), { source: 'api', who: people[0]!.iam[0], person: 'alice' }, 1, true],
  ['an identity that is nobody', start({ who: 'webhook:ci' }), { source: 'api', who: 'webhook:ci' }, 2, true],
  ['the check', start({ source: 'check-certificates' }), { source: 'check-certificates' }, 1, false],
])('who asked: %s', (_, record, requester, needed, wanted) => {
  const verified = verifyRequester(record, input, people);
  expect(verified).toEqual(requester);
  expect(approversNeeded(verified, settings)).toBe(needed);
  expect(isWanted(verified, settings)).toBe(wanted);
  expect(isWanted(verified, { ...settings, automaticRenewals: true })).toBe(true);
});
