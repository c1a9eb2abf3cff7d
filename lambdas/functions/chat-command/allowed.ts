import type { ChatCaller } from '../../contracts/chat/request';
import { clusterName } from '../../contracts/cluster-config';
import { ssm } from '../../aws/clients';
import { readSettings } from '../../aws/instances';
import type { Slack } from '../../aws/slack';
import { groupsToAsk, isAllowed, type Wish } from '../../domain/chat/rights';
import { parseClusterConfig } from '../../domain/parse-cluster-config';
import { logger } from '../../runtime/lambda';

/** The caller may not do this; the same sentence also where there is no such cluster. */
export class NotAllowed extends Error {}

/** How long a group's members are remembered. */
const KEPT_MS = 60_000;
const members = new Map<string, { users: string[]; until: number }>();

/**
 * What somebody may do is in the cluster's settings alone, by ids that the signature proves. Whatever cannot be found out means no.
 * @param slack connects when groups have to be asked for
 * @throws NotAllowed
 */
export async function assertAllowed(
  caller: ChatCaller,
  cluster: string | undefined,
  wish: Wish,
  slack: () => Promise<Slack>,
): Promise<void> {
  const rules = cluster === undefined || !clusterName.safeParse(cluster).success ? [] : await rulesOf(cluster);
  const groups = groupsToAsk(rules, wish, caller);
  const memberOf = new Set<string>();
  for (const group of groups)
    if (caller.kind === 'slack' && (await membersOf(group, slack)).includes(caller.user)) memberOf.add(group);
  if (isAllowed(rules, wish, caller, memberOf)) return;
  logger.warn('Not allowed', { caller, cluster, ...wish });
  const what = [wish.right, wish.operation].filter((part) => part !== undefined).join(' ');
  throw new NotAllowed(
    `You may not do this here (${what}). Who may is in the settings of the cluster, chat.rights in clusters/<name>.yaml.`,
  );
}

async function rulesOf(cluster: string) {
  const text = await readSettings(ssm(), cluster);
  return text === undefined ? [] : parseClusterConfig(cluster, text).chat.rights;
}

async function membersOf(group: string, slack: () => Promise<Slack>): Promise<string[]> {
  const known = members.get(group);
  if (known && known.until > Date.now()) return known.users;
  try {
    const users = await (await slack()).membersOf(group);
    members.set(group, { users, until: Date.now() + KEPT_MS });
    return users;
  } catch (error) {
    logger.error('Nobody counts as a member of the group: Slack does not tell', { group, error: error as Error });
    return [];
  }
}
