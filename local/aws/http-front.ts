import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { AcceptedKeys, AccessKeys } from './access-keys';
import type { AwsDoor } from './aws-call';
import { AwsError } from './aws-call';
import type { Asked } from './find-operation';
import { findOperation } from './find-operation';
import { foreignRequest, isTypedIntoBrowser, onlyReads } from './foreign-request';
import { readHttpRequest } from './http-request';
import { listenOnSocket } from './listen-on-socket';
import { isPresigned, verifyPresigned } from './presigned-request';
import type { HttpAnswer, HttpRequest } from './protocols/protocol';

/** Objects are kept in memory. All other payloads are far smaller: the largest are 6 MB, to and from Lambda. */
const BODY_LIMIT = 512 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Within this a request has to be here as a whole, a snapshot of etcd too: half-sent ones do not stay open. Milliseconds. */
const REQUEST_TIMEOUT = 120_000;

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
    server.setErrorHandler((error: { code?: string }, request, reply) => {
      if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') throw error;
      return this.answer(request, reply, entrance, tooLarge(Number(request.headers['content-length'])));
    });
    server.all('/*', (request, reply) => this.answer(request, reply, entrance));
    this.servers.push(server);
    return server;
  }

  /** `unread`: why its body was not read. */
  private async answer(
    raw: FastifyRequest,
    reply: FastifyReply,
    { host, keys }: Entrance,
    unread?: AwsError,
  ): Promise<void> {
    const refusal = foreignRequest(raw.headers, host, /[?&]X-Amz-Signature=/.test(raw.url));
    if (refusal !== undefined) return void (await reply.code(403).type('text/plain').send(`${refusal}\n`));
    const requestId = randomUUID();
    const answer = await this.handle(readHttpRequest(raw), requestId, keys, unread);
    // As a Buffer, so that fastify adds no charset to AWS's content types.
    await reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
  }

  private async handle(
    request: HttpRequest,
    requestId: string,
    keys: AcceptedKeys,
    unread?: AwsError,
  ): Promise<HttpAnswer> {
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
      if (model!.service === 's3' && isPresigned(request))
        await verifyPresigned(request, this.accessKeys.secretOf(credential!), new Date());
      if (unread) throw unread;
      const input = protocol.read(request, asked.operation);
      const output = await this.door.call({ service: model!.service, action: asked.operation.name, input, caller });
      return protocol.write(output, asked.operation, model!, requestId);
    } catch (error) {
      return protocol.writeError(error instanceof AwsError ? error : internalError(error, asked), requestId, model);
    }
  }
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

/** S3's limit for one PUT, and the local AWS's own for any body. */
function tooLarge(bytes: number): AwsError {
  if (bytes > 5 * 1024 * MIB)
    return new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size: 5 GiB for one PUT');
  return new AwsError(
    'EntityTooLarge',
    `The local AWS keeps what it gets in memory: at most ${BODY_LIMIT / MIB} MiB, not ${Math.ceil(bytes / MIB)}.`,
  );
}

/** A fault of the local AWS itself: never told as something that the caller did. */
function internalError(error: unknown, { model, operation }: Asked): AwsError {
  const what = `${model?.service}:${(operation as { name: string }).name}`;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError('InternalFailure', `The local AWS failed at ${what}. This is a fault of its own: ${detail}`, 500);
}
