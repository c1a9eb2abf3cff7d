import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { AccessKeys } from '../../aws/access-keys';
import type { AwsDoor } from '../../aws/aws-call';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import { foreignRequest } from '../../aws/foreign-request';
import { readHttpRequest } from '../../aws/http-request';
import type { HttpRequest } from '../../aws/protocols/protocol';
import { findFault, readSignature } from '../../aws/verify-signature';
import type { Iam } from '../../iam/iam';
import { HttpApi, type HttpRoute, type HttpStage } from './http-api';
import { proxyEvent, type Admitted } from './proxy-event';
import { Throttle } from './throttle';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** API Gateway's limit of a request's body. */
const BODY_LIMIT = 10 * 1024 * 1024;

/**
 * HTTP APIs with Lambda functions behind their routes, each on a port of its own of 127.0.0.1. Requests to routes with IAM authorisation have to
 * be signed, unlike those to the services: with a key that was issued here, or `local`/`local`, which is the account's owner.
 */
export class HttpApis {
  private readonly apis = new Map<string, HttpApi>();
  private readonly servers: FastifyInstance[] = [];
  private readonly throttles = new Map<object, Throttle>();

  constructor(
    private readonly door: AwsDoor,
    private readonly iam: Iam,
    private readonly accessKeys: AccessKeys,
    private readonly onProblem: (sentence: string) => void,
  ) {}

  /** Answers the new API's address, http://127.0.0.1:PORT, where it listens already. */
  async create(name: string): Promise<{ api: HttpApi; endpoint: string }> {
    const api = new HttpApi(name);
    this.apis.set(api.id, api);
    const server = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.all('/*', (request, reply) => this.serve(api, request, reply));
    this.servers.push(server);
    return { api, endpoint: await server.listen({ host: '127.0.0.1', port: 0 }) };
  }

  /** @throws Error when there is none */
  get(id: string): HttpApi {
    const api = this.apis.get(id);
    if (!api) throw new Error(`There is no HTTP API ${id}.`);
    return api;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  private async serve(api: HttpApi, raw: FastifyRequest, reply: FastifyReply): Promise<void> {
    const refusal = foreignRequest(raw.headers);
    const { status, headers, body } =
      refusal === undefined ? await this.answer(api, readHttpRequest(raw), raw.ip) : message(403, refusal);
    await reply.code(status).headers(headers).send(Buffer.from(body));
  }

  private async answer(api: HttpApi, request: HttpRequest, sourceIp: string): Promise<Answer> {
    const { stage } = api;
    const found = api.find(request.method, request.path);
    if (!stage || !found) return message(404, 'Not Found');
    if (!this.throttleOf(stage, found.route).take()) return message(429, 'Too Many Requests');
    const place = `${api.id}/${stage.name}/${request.method}${request.path}`;
    const arn = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${place}`;
    const signed = found.route.authorization === 'NONE' ? {} : await this.authorise(request, arn);
    if (typeof signed === 'string') {
      // As AWS, which does not tell the caller why; whoever runs the local AWS may know.
      this.onProblem(`The HTTP API ${api.name} refused ${request.method} ${request.path}: ${signed}.`);
      return message(403, 'Forbidden');
    }
    return this.invoke(request, { api, stage, ...found, ...signed, sourceIp }, arn);
  }

  /** Who asks, or why nobody who may. */
  private async authorise(
    request: HttpRequest,
    resource: string,
  ): Promise<Pick<Admitted, 'caller' | 'accessKeyId'> | string> {
    const signature = readSignature(request);
    if (!signature) return 'it has no Authorization header of Signature Version 4';
    const { accessKeyId } = signature;
    const secretAccessKey = this.accessKeys.secretOf(accessKeyId);
    if (secretAccessKey === undefined)
      return `the access key ${accessKeyId} is not known: use local with the secret local, or one that was issued here`;
    const fault = await findFault(request, signature, { secretAccessKey, region: REGION, service: 'execute-api' });
    if (fault !== undefined) return fault;
    try {
      const caller = this.accessKeys.callerOf(accessKeyId, request.headers['x-amz-security-token'], 'any');
      const { allowed, because } = this.iam.decide(caller, { action: 'execute-api:Invoke', resource });
      return allowed ? { caller, accessKeyId } : `execute-api:Invoke on ${resource} is not allowed ${because}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private async invoke(request: HttpRequest, admitted: Admitted, sourceArn: string): Promise<Answer> {
    const { FunctionError, Payload } = await this.door.call({
      service: 'lambda',
      action: 'Invoke',
      input: { FunctionName: admitted.route.functionArn, Payload: JSON.stringify(proxyEvent(request, admitted)) },
      caller: { principal: 'apigateway.amazonaws.com', sourceArn },
    });
    const text = Buffer.from(Payload as Uint8Array).toString('utf8');
    if (FunctionError === undefined) return readAnswer(JSON.parse(text));
    this.onProblem(`The function behind ${admitted.route.routeKey} failed: ${text}`);
    return message(500, 'Internal Server Error');
  }

  private throttleOf(stage: HttpStage, { routeKey }: HttpRoute): Pick<Throttle, 'take'> {
    const limits = stage.routeThrottles?.get(routeKey) ?? stage.throttle;
    if (!limits) return { take: () => true };
    const made = this.throttles.get(limits) ?? new Throttle(limits);
    this.throttles.set(limits, made);
    return made;
  }
}

const message = (status: number, text: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: text }),
});

/** A proxy integration's answer; without a status, the whole of it is the body. */
function readAnswer(answer: unknown): Answer {
  const { statusCode, headers, body, isBase64Encoded } = (answer ?? {}) as {
    statusCode?: number;
    headers?: Record<string, string>;
    body?: string;
    isBase64Encoded?: boolean;
  };
  if (statusCode === undefined)
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
  return {
    status: statusCode,
    headers: headers ?? {},
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}
