import type { RouteName } from '../../contracts/api/routes';
import type { ChatCaller } from '../../contracts/chat/request';
import type { Slack } from '../../aws/slack';
import { checkRequest } from '../api/read-request';

/** Who asks, and how they are answered. */
export interface Conversation {
  caller: ChatCaller;
  delivery: string;
  /** As the HTTPS API keeps it with what was asked for. */
  who: string;
  slack(): Promise<Slack>;
}

/** A request to the code of the HTTPS API, checked as one that came by HTTP. */
export const ask = <Name extends RouteName>(
  name: Name,
  { caller, who }: Conversation,
  request: {
    parameters: Record<string, string>;
    query?: Record<string, string>;
    body?: unknown;
    idempotencyKey?: string;
  },
) => checkRequest(name, { ...request, who, source: caller.kind });
