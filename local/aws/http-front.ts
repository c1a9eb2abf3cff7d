import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { AcceptedKeys, AccessKeys } from './access-keys';
import type { AwsDoor } from './aws-call';
import { AwsError } from './aws-call';
import type { Asked } from './find-operation';
import { findOperation } from './find-operation';
import { foreignRequest, isTypedIntoBrowser, onlyReads } from './foreign-request';
import { listenOnSocket } from './listen-on-socket';
import type { HttpAnswer, HttpRequest } from './protocols/protocol';

/** More than the largest payload there is: 6 MB to and from Lambda. */
const BODY_LIMIT = 16 * 1024 * 1024;

/** Within this a request has to be here as a whole: half-sent ones do not stay open. Milliseconds. */
const REQUEST_TIMEOUT = 30_000;

/** What a listener lets in. */
interface Entrance {
  /** The name that requests have to be for; absent: one of this machine's loopback. */
  host?: string;
  keys: AcceptedKeys;
}

/** Makes the services answer in AWS's own wire protocols: on 127.0.0.1, and on sockets for nodes that have no way to it. */
export class HttpFront {
  private readonly servers: FastifyInstance[] = [];

  constructor(
    private readonly door: AwsDoor,
    private readonly accessKeys: AccessKeys,
    private readonly requestTimeout = REQUEST_TIMEOUT,
  ) {}

  /** Resolves to http://127.0.0.1:PORT. */
  listen(port = 0): Promise<string> {
    return this.serve({ keys: 'any' })
      .listen({ host: '127.0.0.1', port })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        throw new Error(`Port ${port} of 127.0.0.1 is taken: choose another one, or 0 for any free one.`);
      });
  }

  /** Answers requests to `host` that come through a unix socket. They need a key that was issued: nobody there is the account's owner. */
  async listenForNodes(socket: string, host: string): Promise<void> {
    await listenOnSocket(this.serve({ host, keys: 'issued' }), socket);
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  private serve(entrance: Entrance): FastifyInstance {
    const { requestTimeout } = this;
    const server = fastify({
      bodyLimit: BODY_LIMIT,
      forceCloseConnections: true,
      requestTimeout,
      // How often Node.js looks for requests that took too long.
      http: { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval: requestTimeout / 10 },
    });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.all('/*', (request, reply) => this.answer(request, reply, entrance));
    this.servers.push(server);
    return server;
  }

  private async answer(raw: FastifyRequest, reply: FastifyReply, { host, keys }: Entrance): Promise<void> {
    const refusal = foreignRequest(raw.headers, host);
    if (refusal !== undefined) return void (await reply.code(403).type('text/plain').send(`${refusal}\n`));
    const requestId = randomUUID();
    const answer = await this.handle(readRequest(raw), requestId, keys);
    // As a Buffer, so that fastify adds no charset to AWS's content types.
    await reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
  }

  private async handle(request: HttpRequest, requestId: string, keys: AcceptedKeys): Promise<HttpAnswer> {
    const credential = credentialOf(request);
    const asked = await findOperation(request, credential?.split('/')[3]);
    const { protocol, model } = asked;
    try {
      if (asked.operation instanceof AwsError) throw asked.operation;
      if (isTypedIntoBrowser(request.headers) && !onlyReads(asked.operation.name))
        throw new AwsError(
          'AccessDeniedException',
          `The local AWS answers a browser only what reads, and ${asked.operation.name} changes something: use an AWS SDK or the AWS CLI.`,
          403,
        );
      const caller = this.accessKeys.callerOf(credential, sessionTokenOf(request), keys);
      const input = protocol.read(request, asked.operation);
      const output = await this.door.call({ service: model!.service, action: asked.operation.name, input, caller });
      return protocol.write(output, asked.operation, model!, requestId);
    } catch (error) {
      return protocol.writeError(error instanceof AwsError ? error : internalError(error, asked), requestId, model);
    }
  }
}

function readRequest(raw: FastifyRequest): HttpRequest {
  const [path, search] = raw.url.split(/\?(.*)/s, 2) as [string, string?];
  const headers = raw.headers as Record<string, string | undefined>;
  const sent = Buffer.isBuffer(raw.body) ? raw.body : Buffer.alloc(0);
  // PutMetricData is compressed by the SDK from 10 KB on.
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent, { maxOutputLength: BODY_LIMIT }) : sent;
  return { method: raw.method, path, query: new URLSearchParams(search), headers, body };
}

function credentialOf(request: HttpRequest): string | undefined {
  return (
    /Credential=([^,\s]+)/.exec(request.headers['authorization'] ?? '')?.[1] ??
    request.query.get('X-Amz-Credential') ??
    undefined
  );
}

function sessionTokenOf(request: HttpRequest): string | undefined {
  return request.headers['x-amz-security-token'] ?? request.query.get('X-Amz-Security-Token') ?? undefined;
}

/** A fault of the local AWS itself: never told as something that the caller did. */
function internalError(error: unknown, { model, operation }: Asked): AwsError {
  const what = `${model?.service}:${(operation as { name: string }).name}`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError('InternalFailure', `The local AWS failed at ${what}. This is a fault of its own: ${detail}`, 500);
}
