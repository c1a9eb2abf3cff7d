import type { ChatCaller } from '../../contracts/chat/request';
import type { ChatRight, ChatRule } from '../../contracts/chat/rights';

export interface Wish {
  right: ChatRight;
  /** Of plan, start and approve. */
  operation?: string | undefined;
}

/** Slack user groups that would allow it, if the caller is a member: to be asked for before `isAllowed`. */
export function groupsToAsk(rules: ChatRule[], wish: Wish, caller: ChatCaller): string[] {
  if (caller.kind !== 'slack' || isAllowed(rules, wish, caller, new Set())) return [];
  const inPlace = rules.filter((rule) => isAbout(rule, wish) && isInChannel(rule, caller.channel));
  return [...new Set(inPlace.flatMap(({ groups = [] }) => groups))];
}

/** @param memberOf those of `groupsToAsk` that the caller is a member of */
export function isAllowed(rules: ChatRule[], wish: Wish, caller: ChatCaller, memberOf: Set<string>): boolean {
  return rules.some((rule) => isAbout(rule, wish) && isFor(rule, caller, memberOf));
}

/** Rights that a rule may hold to some operations. */
const BY_OPERATION: ChatRight[] = ['plan', 'start', 'approve'];

const isAbout = ({ allow, operations }: ChatRule, { right, operation }: Wish): boolean =>
  allow.includes(right) &&
  (operations === undefined ||
    !BY_OPERATION.includes(right) ||
    (operation !== undefined && operations.includes(operation)));

function isFor(rule: ChatRule, caller: ChatCaller, memberOf: Set<string>): boolean {
  const { users, groups, channels, webhooks } = rule;
  if (caller.kind === 'webhook') return webhooks?.includes(caller.name) === true;
  // A rule for programs alone is none for people.
  if (!users && !groups && !channels) return false;
  const isOne = users?.includes(caller.user) === true || groups?.some((group) => memberOf.has(group)) === true;
  return isInChannel(rule, caller.channel) && (isOne || (!users && !groups));
}

const isInChannel = ({ channels }: ChatRule, channel: string): boolean =>
  channels === undefined || channels.includes(channel);
