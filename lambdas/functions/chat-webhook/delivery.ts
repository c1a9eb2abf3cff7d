import { CHAT_ROUTES, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP } from '../../contracts/chat/request';
import { callerName } from '../../contracts/chat/settings';
import type { SignedDelivery } from './verify-signature';

/** What this needs of API Gateway's event, payload format 2.0. */
export interface ChatEvent {
  routeKey: string;
  headers: Record<string, string | undefined>;
  pathParameters?: Record<string, string | undefined>;
  body?: string;
  isBase64Encoded: boolean;
  requestContext: { http: { sourceIp: string } };
}

/** A delivery that is not heard. `message` is for its sender, `reason` for the log alone. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
    readonly reason = message,
  ) {
    super(message);
  }
}

export type Sender = { kind: 'slack-command' } | { kind: 'slack-interaction' } | { kind: 'webhook'; name: string };

interface Kind {
  contentType: string;
  /** Slack sends the whole message with a click on one of its buttons. */
  mostBytes: number;
  timestamp: string;
  signature: string;
}
const SLACK = {
  contentType: 'application/x-www-form-urlencoded',
  timestamp: 'x-slack-request-timestamp',
  signature: 'x-slack-signature',
};
const KINDS: Record<Sender['kind'], Kind> = {
  'slack-command': { ...SLACK, mostBytes: 16_384 },
  'slack-interaction': { ...SLACK, mostBytes: 262_144 },
  webhook: {
    contentType: 'application/json',
    mostBytes: 16_384,
    timestamp: WEBHOOK_TIMESTAMP,
    signature: WEBHOOK_SIGNATURE,
  },
};

/** @throws Refusal for a path that is none of these, and a caller whose name cannot be one */
export function senderOf({ routeKey, pathParameters }: ChatEvent): Sender {
  if (routeKey === `POST ${CHAT_ROUTES.slackCommand}`) return { kind: 'slack-command' };
  if (routeKey === `POST ${CHAT_ROUTES.slackInteraction}`) return { kind: 'slack-interaction' };
  const name = callerName.safeParse(pathParameters?.caller);
  if (routeKey === `POST ${CHAT_ROUTES.webhook}` && name.success) return { kind: 'webhook', name: name.data };
  throw new Refusal(404, 'NotFound', 'There is no such route.');
}

/**
 * Size and type are checked before anything is computed.
 * @throws Refusal
 */
export function readDelivery(sender: Sender, event: ChatEvent): SignedDelivery {
  const { contentType, mostBytes, timestamp, signature } = KINDS[sender.kind];
  const sent = event.body ?? '';
  // As many bytes as its text has at the least; base64 has four characters for three bytes.
  if (sent.length > (event.isBase64Encoded ? Math.ceil(mostBytes / 3) * 4 : mostBytes)) throw tooLarge(mostBytes);
  const [type = ''] = (event.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== contentType)
    throw new Refusal(415, 'UnsupportedType', `The body must be ${contentType}.`);
  const body = Buffer.from(sent, event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > mostBytes) throw tooLarge(mostBytes);
  return { timestamp: event.headers[timestamp], signature: event.headers[signature], body };
}

const tooLarge = (most: number) => new Refusal(413, 'TooLarge', `The body must have at most ${most} bytes.`);
