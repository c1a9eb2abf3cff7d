import { LogLevel, WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import type { KnownBlock } from '@slack/types';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { setTimeout as delay } from 'node:timers/promises';
import { readSecret } from './secret-parameter';
import { slackAddresses } from './slack-addresses';

/** A message as Slack's clients show it: blocks, and the whole of it as text for others. */
export interface SlackMessage {
  text: string;
  blocks: KnownBlock[];
}

/** Slack knows the channel and lets nobody in: the app is not a member of it. */
export class NotInChannel extends Error {}

const OUTSIDE = ['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'];
/** Somebody has deleted the message. */
const GONE = ['message_not_found', 'cant_update_message'];
/** Seconds that a call waits for Slack at most when it says "too many". */
const MOST_WAIT_SECONDS = 30;

/** Slack's Web API with the app's bot token. */
export class Slack {
  private constructor(private readonly client: WebClient) {}

  static async connect(ssm: SSMClient, tokenParameter: string): Promise<Slack> {
    const client = new WebClient(await readSecret(ssm, tokenParameter), {
      slackApiUrl: slackAddresses().api,
      allowAbsoluteUrls: false,
      // Lambda repeats an invocation that failed.
      retryConfig: { retries: 2, minTimeout: 200 },
      rejectRateLimitedCalls: true,
      timeout: 5_000,
      logLevel: LogLevel.ERROR,
    });
    return new Slack(client);
  }

  /** @returns the message's time stamp @throws NotInChannel */
  async post(channel: string, message: SlackMessage, thread?: string): Promise<string> {
    const { ts } = await this.withBlocks(message, (shown) =>
      this.client.chat.postMessage({
        channel,
        ...shown,
        unfurl_links: false,
        unfurl_media: false,
        ...(thread !== undefined && { thread_ts: thread }),
      }),
    );
    return ts ?? '';
  }

  /** A message that somebody has deleted stays deleted. */
  async edit(channel: string, ts: string, message: SlackMessage): Promise<void> {
    try {
      await this.withBlocks(message, (shown) => this.client.chat.update({ channel, ts, ...shown }));
    } catch (error) {
      if (!GONE.includes(codeOf(error))) throw error;
    }
  }

  /** Ids of the members of a user group. */
  async membersOf(group: string): Promise<string[]> {
    const { users = [] } = await patient(() => this.client.usergroups.users.list({ usergroup: group }));
    return users;
  }

  /** A kind of block that a workspace does not take yet must not cost the message. */
  private async withBlocks<T>(message: SlackMessage, send: (shown: SlackMessage) => Promise<T>): Promise<T> {
    try {
      return await patient(() => send(message));
    } catch (error) {
      const code = codeOf(error);
      if (OUTSIDE.includes(code)) throw new NotInChannel(code);
      if (!code.startsWith('invalid_blocks')) throw error;
      const buttons = message.blocks.filter(({ type }) => type === 'actions');
      const section = { type: 'section', text: { type: 'mrkdwn', text: message.text.slice(0, 2900) } } as const;
      return patient(() => send({ ...message, blocks: [section, ...buttons] }));
    }
  }
}

const codeOf = (error: unknown): string => (error instanceof WebAPIPlatformError ? error.data.error : '');

/** Waits as long as Slack asks, once; for longer, Lambda's own repetition comes in time. */
async function patient<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof WebAPIRateLimitedError) || error.retryAfter > MOST_WAIT_SECONDS) throw error;
    await delay(error.retryAfter * 1000);
    return call();
  }
}

/** What only the caller sees, also where the app is no member of the channel. The address is checked by `chat-webhook`. */
export async function whisper(responseUrl: string, text: string): Promise<void> {
  const { ok, status } = await fetch(responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
    redirect: 'error',
    signal: AbortSignal.timeout(5_000),
  });
  if (!ok) throw new Error(`Slack answered ${status} to an answer.`);
}
