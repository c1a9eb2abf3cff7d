import { createHmac } from 'node:crypto';
import { CHAT_ROUTES } from '../../lambdas/contracts/chat/request';
import type { Message } from './workspace';
import type { SlackServer } from './slack-server';

/** What a forged or late delivery has otherwise. */
export interface Deviation {
  secret?: string;
  /** Seconds from now. */
  at?: number;
  headers?: Record<string, string>;
  /** Changed after it was signed. */
  body?: string;
  /** Fields of the form, or of a click's payload, in place of the right ones. */
  fields?: Record<string, unknown>;
}

/** Somebody at Slack: what they type and click reaches the app as Slack delivers it, signed with the app's secret. */
export class Person {
  constructor(
    readonly user: string,
    private readonly slack: SlackServer,
    /** Address of the app's HTTP API. */
    private readonly api: string,
    private readonly signingSecret: string,
    /** The workspace that they are of: another one than the app's in a shared channel. */
    readonly team = slack.workspace.id,
  ) {}

  /** `/k8s TEXT` in a channel. */
  type(channel: string, text: string, deviation: Deviation = {}): Promise<Response> {
    const form = {
      ...{ token: 'legacy', team_id: this.team, team_domain: 'example', channel_id: channel, channel_name: 'ops' },
      ...{ user_id: this.user, user_name: 'somebody', command: '/k8s', text, api_app_id: 'A1', trigger_id: '1.2.3' },
      response_url: this.slack.responseUrl(channel, this.user),
      ...deviation.fields,
    };
    return this.send(CHAT_ROUTES.slackCommand, new URLSearchParams(form as Record<string, string>), deviation);
  }

  /** A click on the button with this action id. */
  click(message: Message, actionId: string, deviation: Deviation = {}): Promise<Response> {
    const buttons = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    const button = buttons.find((one) => one.action_id === actionId);
    if (!button && !deviation.fields) throw new Error(`There is no button ${actionId}: ${message.text}`);
    const payload = {
      type: 'block_actions',
      team: { id: this.slack.workspace.id, domain: 'example' },
      user: { id: this.user, username: 'somebody', team_id: this.team },
      channel: { id: message.channel, name: 'ops' },
      message: { ts: message.ts, text: message.text, blocks: message.blocks },
      actions: [{ action_id: actionId, block_id: 'b', value: button?.value, type: 'button', action_ts: '1.2' }],
      response_url: this.slack.responseUrl(message.channel, this.user),
      ...deviation.fields,
    };
    return this.send(
      CHAT_ROUTES.slackInteraction,
      new URLSearchParams({ payload: JSON.stringify(payload) }),
      deviation,
    );
  }

  private send(path: string, form: URLSearchParams, { secret, at = 0, headers, body }: Deviation): Promise<Response> {
    const signed = form.toString();
    const timestamp = String(Math.floor(Date.now() / 1000) + at);
    const hmac = createHmac('sha256', secret ?? this.signingSecret)
      .update(`v0:${timestamp}:${signed}`)
      .digest('hex');
    return fetch(`${this.api}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${hmac}`,
        ...headers,
      },
      body: body ?? signed,
    });
  }
}
