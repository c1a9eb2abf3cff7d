import type * as z from 'zod';
import { IDEMPOTENCY_KEY, idempotencyKey, ROUTES, type ApiRequest, type RouteName } from '../../contracts/api/routes';
import type { OperationName } from '../../contracts/operation';
import { fromJson, parseRequestedOptions } from '../../domain/operations';
import { describeProblems } from '../../domain/text/describe-problem';
import { ApiFailure, invalid } from './api-failure';

/** What this needs of API Gateway's event, payload format 2.0. */
export interface HttpEvent {
  routeKey: string;
  queryStringParameters?: Record<string, string | undefined>;
  headers: Record<string, string | undefined>;
  body?: string;
  isBase64Encoded: boolean;
  requestContext: { authorizer?: { iam?: { userArn?: string } } };
}

const MOST_BODY_CHARS = 16_384;

/**
 * The request as its route's schemas give it.
 * @param parameters of the path, decoded
 * @throws ApiFailure, UserError InvalidInput for options
 */
export function readRequest<Name extends RouteName>(
  name: Name,
  event: HttpEvent,
  parameters: Record<string, string>,
): ApiRequest<Name> {
  const route = ROUTES[name];
  // API Gateway asked IAM about the route that it found: another one is not what was allowed.
  if (event.routeKey !== `${route.method} ${route.path}`)
    throw new ApiFailure(404, 'NotFound', 'The path is not written in its plain form.', 'Leave out dots and slashes.');
  const who = event.requestContext.authorizer?.iam?.userArn;
  if (!who) throw new ApiFailure(403, 'Forbidden', 'The request is not signed.', 'Sign it with SigV4 for execute-api.');
  const ofPath = check(route.parameters, parameters, 'The path');
  return {
    parameters: ofPath,
    query: check(route.query, event.queryStringParameters ?? {}, 'The query'),
    body: readBody(name, event, ofPath as { operation?: OperationName }),
    who,
    ...('idempotent' in route && { idempotencyKey: readKey(event) }),
  } as ApiRequest<Name>;
}

/** A request that comes another way than by HTTP, with who asks: what is checked of it is the same. */
export interface OtherRequest {
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  who: string;
  source: string;
  idempotencyKey?: string;
}

/** @throws ApiFailure, UserError InvalidInput for options */
export function checkRequest<Name extends RouteName>(
  name: Name,
  { parameters = {}, query = {}, body = {}, ...others }: OtherRequest,
): ApiRequest<Name> {
  const route = ROUTES[name];
  const ofPath = check(route.parameters, parameters, 'The command');
  return {
    parameters: ofPath,
    query: check(route.query, query, 'The command'),
    body: checkBody(name, body, ofPath as { operation?: OperationName }),
    ...others,
  } as ApiRequest<Name>;
}

function readKey({ headers }: HttpEvent): string | undefined {
  const key = headers[IDEMPOTENCY_KEY];
  return key === undefined ? undefined : check(idempotencyKey, key, 'The header Idempotency-Key');
}

function readBody(name: RouteName, event: HttpEvent, { operation }: { operation?: OperationName }): unknown {
  const sent = event.body ?? '';
  if (sent.length > MOST_BODY_CHARS)
    throw new ApiFailure(
      413,
      'TooLarge',
      `The body has ${sent.length} characters.`,
      `Send at most ${MOST_BODY_CHARS}.`,
    );
  const text = event.isBase64Encoded ? Buffer.from(sent, 'base64').toString('utf8') : sent;
  const value = text.trim() === '' ? {} : fromJson(text);
  if (value === undefined) throw invalid('The body is not JSON.', 'Send a JSON object, such as {}.');
  return checkBody(name, value, { operation });
}

function checkBody(name: RouteName, value: unknown, { operation }: { operation?: OperationName | undefined }): unknown {
  const route = ROUTES[name];
  if (!('body' in route)) return void check(ROUTES.listClusters.query, value, 'The body');
  return route.body === 'options' ? parseRequestedOptions(operation!, value) : check(route.body, value, 'The body');
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = 'shape' in schema ? Object.keys(schema.shape as object) : [];
  const expected = fields.length > 0 ? ` It may hold ${fields.join(', ')}.` : '';
  throw invalid(
    `${what} is not valid: ${describeProblems(parsed.error, value)}.`,
    `Correct it.${expected} docs/api.md describes each request.`,
  );
}
