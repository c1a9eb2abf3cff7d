import * as z from 'zod';

/** Operations whose plan can need approval. */
export const APPROVABLE = [
  'renew-certificates',
  'upgrade',
  'create-cluster',
  'join-node',
  'remove-node',
  'replace-node',
  'reconfigure',
] as const;

/** A role of IAM Identity Center, which names the sessions itself. Of any other role, whoever assumes it chooses the session's name. */
export const IDENTITY_CENTER_ROLE = 'AWSReservedSSO_';

const personName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits, dots, hyphens or underscores');
const iamIdentity = z
  .string()
  .max(500)
  .regex(
    new RegExp(
      `^arn:[a-z-]+:(iam::\\d{12}:(user|role)/[\\w+=,.@/-]+|sts::\\d{12}:assumed-role/${IDENTITY_CENTER_ROLE}[\\w+=,.@-]+/[\\w+=,.@-]+)$`,
    ),
    `must be the ARN of an IAM user or of a role, such as arn:aws:iam::123456789012:role/Operators, or of a session of IAM Identity Center (arn:aws:sts::123456789012:assumed-role/${IDENTITY_CENTER_ROLE}…/alice); the session name of another role is chosen by whoever assumes it`,
  );
const slackUser = z
  .string()
  .regex(/^[TE][A-Z0-9]{2,20}\/[UW][A-Z0-9]{2,20}$/, 'must be workspace and user, such as T0123ABCD/U0123ABCD');

/** Which identities are one person. */
export const person = z.strictObject({
  name: personName,
  iam: z.array(iamIdentity).max(10).default([]),
  slack: z.array(slackUser).max(10).default([]),
});
export type Person = z.infer<typeof person>;

const LISTED_ROLE = /^arn:([a-z-]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;

/** As callers come with them: a role without its path, which its sessions do not tell. */
export const identitiesOfPerson = ({ iam, slack }: Person): string[] => [
  ...iam.map((arn) => arn.replace(LISTED_ROLE, 'arn:$1:iam::$2:role/$3')),
  ...slack.map((user) => `slack:${user}`),
];

/** Which operations wait for whose approval. */
export const approvalSettings = z.strictObject({
  operations: z
    .array(z.enum(APPROVABLE, `must be one of ${APPROVABLE.join(', ')}`))
    .max(APPROVABLE.length)
    .default([]),
  /** Names of `people`. */
  approvers: z.array(personName).max(20).default([]),
  /** How many of them; the one who asked for the operation does not count. */
  count: z.number().int().min(1, 'must be 1 or more approvers').max(5).default(1),
  /** After so many hours without enough approvals it counts as rejected. */
  hours: z.number().int().min(1, 'must be 1 or more hours').max(72).default(24),
  /** Also for a renewal that check-certificates starts by itself. */
  automaticRenewals: z.boolean().default(false),
});
export type ApprovalSettings = z.infer<typeof approvalSettings>;
