import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import type * as z from 'zod';
import { apiError, IDEMPOTENCY_KEY, ROUTES, type ApiAnswer, type RouteName } from '../../lambdas/contracts/api/routes';
import { CliError, EXIT } from '../exit';
import { checkRequest } from './check-request';

type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : never;
/** What a route is asked with; `body` also for options of an operation. */
export interface Asked<Name extends RouteName> {
  parameters?: Input<(typeof ROUTES)[Name]['parameters']>;
  query?: Partial<Input<(typeof ROUTES)[Name]['query']>>;
  body?: unknown;
  /** Default: a new one for each call, so that it can be tried again. */
  idempotencyKey?: string;
}

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface ApiAddress {
  /** Such as https://abc.execute-api.eu-central-1.amazonaws.com */
  endpoint: string;
  region: string;
  credentials: Credentials | (() => Promise<Credentials>);
}

/** Attempts of one call, when the API is unreachable or throttles the request, and the wait before the second one. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 250;
/** API Gateway gives up after 30 seconds. */
const LIMIT_MS = 35_000;

/** The HTTPS API as functions: signs each request, tries again what may be tried again, and makes each refusal a CliError. */
export class ApiClient {
  private readonly signer: SignatureV4;

  constructor(private readonly address: ApiAddress) {
    const { region, credentials } = address;
    this.signer = new SignatureV4({ credentials, region, service: 'execute-api', sha256: Hash.bind(null, 'sha256') });
  }

  get endpoint(): string {
    return this.address.endpoint;
  }

  /** @throws CliError refused, forbidden or unreachable */
  async call<Name extends RouteName>(name: Name, asked: Asked<Name> = {}): Promise<ApiAnswer<Name>> {
    const { parameters = {}, query = {}, body } = asked;
    checkRequest(name, { parameters, query, body });
    return this.send(name, asked);
  }

  /** The same for what has not been checked: the API itself refuses what is not valid. */
  async send<Name extends RouteName>(name: Name, asked: Asked<Name> = {}): Promise<ApiAnswer<Name>> {
    // The same key in each attempt: what the first one started is not started again.
    const key: Record<string, string> =
      'idempotent' in ROUTES[name] ? { [IDEMPOTENCY_KEY]: asked.idempotencyKey ?? randomUUID() } : {};
    for (let attempt = 1; ; attempt++) {
      const answer = await this.attempt(name, asked, key);
      const mayHelp = answer === undefined || answer.status === 429 || answer.status >= 500;
      if (mayHelp && attempt < ATTEMPTS) await delay(FIRST_WAIT_MS * 2 ** (attempt - 1));
      else if (answer?.ok) return (await answer.json()) as ApiAnswer<Name>;
      else throw answer ? await refusal(answer, name) : this.unreachable();
    }
  }

  /** Undefined when there was no answer. */
  private async attempt<Name extends RouteName>(
    name: Name,
    { parameters = {}, query = {}, body }: { parameters?: object; query?: object; body?: unknown },
    more: Record<string, string>,
  ): Promise<Response | undefined> {
    const { method, path } = ROUTES[name];
    const url = new URL(
      path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
        encodeURIComponent((parameters as Record<string, string>)[key]!),
      ),
      this.address.endpoint,
    );
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signed = await this.signer.sign({
      ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname },
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }), ...more },
      ...(text !== undefined && { body: text }),
    });
    const { host: _, ...headers } = signed.headers;
    const signal = AbortSignal.timeout(LIMIT_MS);
    return fetch(url, { method, headers, signal, ...(text !== undefined && { body: text }) }).catch(() => undefined);
  }

  private unreachable(): CliError {
    return new CliError(
      EXIT.unreachable,
      `The API at ${this.endpoint} does not answer.`,
      'Check the network, and AUTOPILOT_ENDPOINT if it is set.',
      'Unreachable',
    );
  }
}

async function refusal(answer: Response, name: RouteName): Promise<CliError> {
  const body: unknown = await answer.json().catch(() => undefined);
  const told = apiError.safeParse(body).data;
  if (answer.status === 403 && !told) {
    const { method, path } = ROUTES[name];
    return new CliError(
      EXIT.forbidden,
      `The API refused these credentials for ${method} ${path}.`,
      'They need execute-api:Invoke on it, in the account and region of the deployment.',
      'Forbidden',
    );
  }
  if (told) {
    const code = answer.status >= 500 ? EXIT.failed : answer.status === 403 ? EXIT.forbidden : EXIT.refused;
    return new CliError(code, told.message, told.whatToDo, told.error);
  }
  const text = (body as { message?: string } | undefined)?.message ?? answer.statusText;
  return new CliError(EXIT.unreachable, `The API answered ${answer.status} (${text}).`, 'Try again.', 'Unexpected');
}
