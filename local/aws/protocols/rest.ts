import type { NormalizedSchema } from '@smithy/core/schema';
import type { ApiModel, Operation } from '../api-model';
import { readText, wrongType } from '../shapes';
import type { HttpRequest } from './protocol';

/** Where a member of a REST operation is. Without any of these it is in the body. */
export interface RestTraits {
  httpLabel?: 1;
  httpQuery?: string;
  httpHeader?: string;
  httpPrefixHeaders?: string;
  httpPayload?: 1;
  httpResponseCode?: 1;
  jsonName?: string;
}

export const restTraits = (member: NormalizedSchema) => member.getMergedTraits() as RestTraits;

/**
 * The operation whose method, path and members fit; literal segments win over labels, and what has to be there (a part of the query string,
 * a header) over less of it: PUT /{Key+} is PutObject, with x-amz-copy-source CopyObject.
 */
export function findRestOperation(model: ApiModel, request: HttpRequest): Operation | undefined {
  return [...model.operations.values()]
    .filter((operation) => fits(operation, request))
    .sort((a, b) => labelCount(a) - labelCount(b) || demands(b) - demands(a))[0];
}

const labelCount = ({ http }: Operation) => http!.path.split('{').length;
const demands = ({ http }: Operation) => http!.required.length + 100 * literalQuery(http!.path).length;

/** What the path itself has as query string. `x-id` only names the operation, and not every client sends it. */
const literalQuery = (path: string) => [...new URLSearchParams(path.split('?')[1])].filter(([key]) => key !== 'x-id');

function fits({ http, input }: Operation, { method, path, query, headers }: HttpRequest): boolean {
  if (http?.method !== method) return false;
  const labels = readLabels(http.path, path);
  if (!labels) return false;
  if (literalQuery(http.path).some(([key, value]) => query.get(key) !== value)) return false;
  return http.required.every((name) => {
    const { httpQuery, httpHeader } = restTraits(input.getMemberSchemas()[name]!);
    if (httpQuery) return query.has(httpQuery);
    return httpHeader ? headers[httpHeader.toLowerCase()] !== undefined : true;
  });
}

export function readLabels(template: string, path: string): Record<string, string> | undefined {
  const pattern = template
    .split('?')[0]!
    .replace(/[.*()|^$]/g, '\\$&')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    .replace(/\/$/, '');
  const match = new RegExp(`^${pattern}/?$`).exec(path);
  return match ? { ...match.groups } : undefined;
}

/** A member that path, query string or headers carry; undefined where the request does not have it. */
export function readOutsideBody(
  request: HttpRequest,
  labels: Record<string, string>,
  name: string,
  member: NormalizedSchema,
): unknown {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders } = restTraits(member);
  if (httpLabel)
    return labels[name] === undefined ? undefined : readText(member, decodeURIComponent(labels[name]), name);
  if (httpQuery) return readQuery(member, request.query.getAll(httpQuery), name);
  if (httpHeader) {
    const header = request.headers[httpHeader.toLowerCase()];
    return header === undefined ? undefined : readText(member, header, name);
  }
  return httpPrefixHeaders ? readPrefixed(request.headers, httpPrefixHeaders.toLowerCase()) : undefined;
}

function readQuery(member: NormalizedSchema, values: string[], name: string): unknown {
  if (!values.length) return undefined;
  return member.isListSchema()
    ? values.map((value) => readText(member.getValueSchema(), value, name))
    : readText(member, values[0]!, name);
}

function readPrefixed(headers: HttpRequest['headers'], prefix: string): Record<string, string> | undefined {
  const found = Object.entries(headers).filter(([name, value]) => name.startsWith(prefix) && value !== undefined);
  return found.length
    ? Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value!]))
    : undefined;
}

/** Presigned requests carry their signature as X-Amz-... there; the path's own query is part of the operation's address. */
export function refuseUnknownQuery(query: URLSearchParams, { name, input, http }: Operation): void {
  const members = input.isUnitSchema() ? [] : Object.values(input.getMemberSchemas());
  const known = [
    ...members.flatMap((member) => restTraits(member).httpQuery ?? []),
    ...new URLSearchParams(http!.path.split('?')[1]).keys(),
  ];
  const odd = [...query.keys()].find((key) => !known.includes(key) && !/^X-Amz-/i.test(key));
  if (odd !== undefined)
    throw wrongType(`The query parameter "${odd}" of ${name}`, `one of ${known.join(', ') || 'none'}`, odd);
}
