import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { foreignRequest } from '../aws/foreign-request';
import { conversationPage } from './render-page';
import { blocks } from './blocks';
import type { Workspace } from './workspace';

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}
type Method = (form: URLSearchParams) => Answer;

/**
 * A stand-in of Slack on this machine's loopback: those methods of its Web API that the app calls, and addresses for answers. Strict where
 * Slack is: the token, the form of blocks, membership of channels.
 */
export class SlackServer {
  /** Every call of a method, oldest first. */
  readonly calls: { method: string; form: URLSearchParams }[] = [];
  /** Answers "too many" to so many calls to come, with so many seconds to wait. */
  tooMany = { times: 0, seconds: 1 };
  /** Says that it does not take blocks of this kind. */
  refusedBlock: string | undefined;
  private readonly server: FastifyInstance = fastify({ forceCloseConnections: true });
  private readonly responses = new Map<string, { channel: string; user: string; left: number }>();
  private address = '';

  constructor(
    readonly workspace: Workspace,
    private readonly botToken: string,
  ) {
    this.server.removeAllContentTypeParsers();
    this.server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    this.server.addHook('onRequest', async (request, reply) => {
      const refusal = foreignRequest(request.headers);
      if (refusal !== undefined) await reply.code(403).send(refusal);
    });
    this.server.get('/', (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(conversationPage(this.workspace)),
    );
    this.server.post('/api/:method', async (request, reply) => {
      const { method } = request.params as { method: string };
      const {
        status = 200,
        headers = {},
        body,
      } = this.call(method, request.headers.authorization, String(request.body));
      await reply
        .code(status)
        .headers({ 'content-type': 'application/json', ...headers })
        .send(JSON.stringify(body));
    });
    this.server.post('/responses/:id', async (request, reply) => {
      const { id } = request.params as { id: string };
      await reply.code(this.respond(id, String(request.body)) ? 200 : 404).send('ok');
    });
  }

  /** @returns http://127.0.0.1:PORT */
  async start(): Promise<string> {
    return (this.address = await this.server.listen({ host: '127.0.0.1', port: 0 }));
  }

  async stop(): Promise<void> {
    await this.server.close();
  }

  /** A response_url, as Slack makes one for each command and click: five answers. */
  responseUrl(channel: string, user: string): string {
    const id = `r${this.responses.size + 1}`;
    this.responses.set(id, { channel, user, left: 5 });
    return `${this.address}/responses/${id}`;
  }

  private readonly methods: Record<string, Method> = {
    'chat.postMessage': (form) => {
      const { channel, text, thread_ts: thread } = read(messageForm, form);
      if (!this.workspace.channels.has(channel)) return failure('not_in_channel');
      const shown = this.readBlocks(form.get('blocks'));
      if (!shown) return failure('invalid_blocks');
      if (text === '' && shown.length === 0) return failure('no_text');
      const { ts } = this.workspace.post({ channel, from: 'app', text, blocks: shown, thread });
      return { body: { ok: true, channel, ts } };
    },
    'chat.update': (form) => {
      const { channel, text, ts = '' } = read(messageForm, form);
      const shown = this.readBlocks(form.get('blocks'));
      if (!shown) return failure('invalid_blocks');
      if (!this.workspace.edit(channel, ts, { text, blocks: shown })) return failure('message_not_found');
      return { body: { ok: true, channel, ts } };
    },
    'usergroups.users.list': (form) => {
      const users = this.workspace.groups.get(form.get('usergroup') ?? '');
      return users ? { body: { ok: true, users } } : failure('no_such_subteam');
    },
  };

  private call(name: string, authorization: string | undefined, body: string): Answer {
    const form = new URLSearchParams(body);
    this.calls.push({ method: name, form });
    if (authorization !== `Bearer ${this.botToken}`) return failure('invalid_auth');
    if (this.tooMany.times > 0) {
      this.tooMany.times -= 1;
      return {
        status: 429,
        headers: { 'retry-after': String(this.tooMany.seconds) },
        body: { ok: false, error: 'ratelimited' },
      };
    }
    const method = this.methods[name];
    return method ? method(form) : failure('unknown_method');
  }

  private readBlocks(text: string | null) {
    const parsed = blocks.safeParse(JSON.parse(text ?? '[]'));
    if (!parsed.success || parsed.data.some(({ type }) => type === this.refusedBlock)) return undefined;
    return parsed.data;
  }

  private respond(id: string, body: string): boolean {
    const place = this.responses.get(id);
    if (!place || place.left === 0) return false;
    place.left -= 1;
    const { text } = answerBody.parse(JSON.parse(body));
    this.workspace.post({ channel: place.channel, from: 'app', text, blocks: [], only: place.user });
    return true;
  }
}

const messageForm = z.object({
  channel: z.string(),
  text: z.string().max(40_000).default(''),
  ts: z.string().optional(),
  thread_ts: z.string().optional(),
});
const answerBody = z.strictObject({
  response_type: z.literal('ephemeral'),
  replace_original: z.literal(false),
  text: z.string().min(1),
});

const read = <Schema extends z.ZodType>(schema: Schema, form: URLSearchParams): z.output<Schema> =>
  schema.parse(Object.fromEntries(form));
const failure = (error: string): Answer => ({ body: { ok: false, error } });
