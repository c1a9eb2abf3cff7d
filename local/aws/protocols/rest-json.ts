import type { NormalizedSchema } from '@smithy/core/schema';
import type { HttpAnswer, Protocol } from './protocol';
import type { ApiModel, Operation } from '../api-model';
import { membersOf, readShape, readText, writeShape, wrongType } from '../shapes';
import { JSON_FORMS } from './json';
import { errorStatus, parseJson } from './protocol';

interface RestTraits {
  httpLabel?: 1;
  httpQuery?: string;
  httpHeader?: string;
  httpPayload?: 1;
  httpResponseCode?: 1;
  jsonName?: string;
}

/** The operation whose method and path fit; literal segments win over labels. */
export function findRestOperation(model: ApiModel, method: string, path: string): Operation | undefined {
  return [...model.operations.values()]
    .filter(({ http }) => http?.method === method && readLabels(http.path, path))
    .sort((a, b) => labelCount(a) - labelCount(b))[0];
}

const labelCount = ({ http }: Operation) => http?.path.split('{').length ?? 0;

function readLabels(template: string, path: string): Record<string, string> | undefined {
  const pattern = template
    .split('?')[0]!
    .replace(/[.*()|^$]/g, '\\$&')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    .replace(/\/$/, '');
  const match = new RegExp(`^${pattern}/?$`).exec(path);
  return match ? { ...match.groups } : undefined;
}

/** REST with JSON (Lambda, Scheduler): members are spread over path, query string, headers and body. */
export const restJson: Protocol = {
  read(request, operation) {
    const labels = readLabels(operation.http!.path, request.path) ?? {};
    const input: Record<string, unknown> = {};
    const bodyMembers: [string, NormalizedSchema][] = [];
    refuseUnknownQuery(request.query, operation);
    for (const [name, member] of Object.entries(
      operation.input.isUnitSchema() ? {} : operation.input.getMemberSchemas(),
    )) {
      const traits = member.getMergedTraits() as RestTraits;
      if (traits.httpLabel) input[name] = readText(member, decodeURIComponent(labels[name] ?? ''), name);
      else if (traits.httpQuery) input[name] = readQuery(member, request.query.getAll(traits.httpQuery), name);
      else if (traits.httpHeader) {
        const header = request.headers[traits.httpHeader.toLowerCase()];
        if (header !== undefined) input[name] = readText(member, header, name);
      } else if (traits.httpPayload) {
        if (request.body.length) input[name] = readPayload(member, request.body);
      } else bodyMembers.push([name, member]);
    }
    if (bodyMembers.length) Object.assign(input, readBody(bodyMembers, parseJson(request.body), operation));
    return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  },

  write(output, operation, _model, requestId) {
    const answer: HttpAnswer = {
      status: operation.http!.status,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
      body: '',
    };
    const body: Record<string, unknown> = {};
    let payload: string | Uint8Array | undefined;
    for (const [name, member, value] of membersOf(operation.output, output)) {
      const traits = member.getMergedTraits() as RestTraits;
      if (traits.httpResponseCode) answer.status = value as number;
      else if (traits.httpHeader) answer.headers[traits.httpHeader.toLowerCase()] = String(value);
      else if (traits.httpPayload)
        payload = member.isBlobSchema() ? (value as Uint8Array) : JSON.stringify(writeShape(member, value, JSON_FORMS));
      else body[traits.jsonName ?? name] = writeShape(member, value, JSON_FORMS, name);
    }
    answer.body = payload ?? JSON.stringify(body);
    return answer;
  },

  writeError(error, requestId, model) {
    const shape = model?.errors.get(error.code);
    const status = errorStatus(error, model);
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
      body: JSON.stringify({
        [shape?.messageMember ?? 'message']: error.message,
        Type: status < 500 ? 'User' : 'Service',
      }),
    };
  },
};

/** Presigned requests carry their signature as X-Amz-... there; the path's own query is part of the operation's address. */
function refuseUnknownQuery(query: URLSearchParams, { name, input, http }: Operation): void {
  const members = input.isUnitSchema() ? [] : Object.values(input.getMemberSchemas());
  const known = [
    ...members.flatMap((member) => (member.getMergedTraits() as RestTraits).httpQuery ?? []),
    ...new URLSearchParams(http!.path.split('?')[1]).keys(),
  ];
  const odd = [...query.keys()].find((key) => !known.includes(key) && !/^X-Amz-/i.test(key));
  if (odd !== undefined)
    throw wrongType(`The query parameter "${odd}" of ${name}`, `one of ${known.join(', ') || 'none'}`, odd);
}

function readQuery(member: NormalizedSchema, values: string[], name: string): unknown {
  if (!values.length) return undefined;
  return member.isListSchema()
    ? values.map((value) => readText(member.getValueSchema(), value, name))
    : readText(member, values[0]!, name);
}

function readPayload(member: NormalizedSchema, body: Buffer): unknown {
  return member.isBlobSchema() ? new Uint8Array(body) : readShape(member, parseJson(body), JSON_FORMS);
}

function readBody(members: [string, NormalizedSchema][], body: unknown, operation: Operation): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrongType('the body', 'an object', body);
  const byWireName = new Map(
    members.map(([name, member]) => [(member.getMergedTraits() as RestTraits).jsonName ?? name, { name, member }]),
  );
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      const known = byWireName.get(key);
      if (!known)
        throw wrongType(`The member "${key}" of ${operation.name}`, `one of ${[...byWireName.keys()].join(', ')}`, key);
      return [known.name, readShape(known.member, value, JSON_FORMS, known.name)];
    }),
  );
}
