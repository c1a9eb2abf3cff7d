import { IDENTITY_CENTER_ROLE, identitiesOfPerson, type Person } from '../../contracts/approval-settings';

const SESSION = /^arn:([a-z-]+):sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/;

/**
 * The name of the person to whom an identity belongs; undefined for one that nobody has. A session of a role is its role: its name is
 * chosen by whoever assumes the role. Only IAM Identity Center gives sessions their names itself.
 * @param who ARN as API Gateway has verified it, or `slack:WORKSPACE/USER`
 */
export function personOf(who: string, people: Person[]): string | undefined {
  const ways = identitiesOf(who);
  for (const way of ways) {
    const found = people.find((person) => identitiesOfPerson(person).includes(way));
    if (found) return found.name;
  }
  return undefined;
}

/** What somebody may be listed as, the closest first. */
function identitiesOf(who: string): string[] {
  const [, partition, account, role, session] = SESSION.exec(who) ?? [];
  if (role === undefined || session === undefined) return [who];
  return [
    ...(role.startsWith(IDENTITY_CENTER_ROLE) ? [who] : []),
    // Without its path, which a session does not tell: an account has a role's name once.
    `arn:${partition}:iam::${account}:role/${role}`,
  ];
}
