import type { NormalizedSchema } from '@smithy/core/schema';
import type { Operation } from '../api-model';
import { membersOf, readShape, writeShape, wrongType } from '../shapes';
import { JSON_FORMS } from './json';
import type { HttpAnswer, Protocol } from './protocol';
import { errorStatus, parseJson } from './protocol';
import { readLabels, readOutsideBody, refuseUnknownQuery, restTraits } from './rest';

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
      const { httpLabel, httpQuery, httpHeader, httpPayload } = restTraits(member);
      if (httpLabel || httpQuery || httpHeader) input[name] = readOutsideBody(request, labels, name, member);
      else if (httpPayload) {
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
      const traits = restTraits(member);
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

function readPayload(member: NormalizedSchema, body: Buffer): unknown {
  return member.isBlobSchema() ? new Uint8Array(body) : readShape(member, parseJson(body), JSON_FORMS);
}

function readBody(members: [string, NormalizedSchema][], body: unknown, operation: Operation): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrongType('the body', 'an object', body);
  const byWireName = new Map(members.map(([name, member]) => [restTraits(member).jsonName ?? name, { name, member }]));
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      const known = byWireName.get(key);
      if (!known)
        throw wrongType(`The member "${key}" of ${operation.name}`, `one of ${[...byWireName.keys()].join(', ')}`, key);
      return [known.name, readShape(known.member, value, JSON_FORMS, known.name)];
    }),
  );
}
