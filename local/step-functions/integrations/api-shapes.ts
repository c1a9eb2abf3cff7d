import type { NormalizedSchema } from '@smithy/core/schema';
import type { Json } from '../json';
import { isObject, kindOf } from '../json';
import { StatesError } from '../states-error';

/** Step Functions writes the members of every API in PascalCase, whatever the API itself does: `StateMachineArn`. */
export const pascalCase = (member: string) => member.charAt(0).toUpperCase() + member.slice(1);

/** How a timestamp is told in a task's result: ISO 8601 by `aws-sdk` integrations, epoch milliseconds by optimised ones. */
export type TimestampForm = 'iso' | 'millis';

type Wrong = (location: string, message: string) => void;

/** Finds fields in literal arguments that the API does not have, and required ones that are missing. Expressions are left out. */
export function checkShape(schema: NormalizedSchema, value: Json, wrong: Wrong, location = ''): void {
  if (typeof value === 'string' && value.startsWith('{%')) return;
  if (schema.isListSchema() && Array.isArray(value)) {
    value.forEach((item, index) => checkShape(schema.getValueSchema(), item, wrong, `${location}/${index}`));
  } else if (schema.isMapSchema() && isObject(value)) {
    for (const [key, item] of Object.entries(value))
      checkShape(schema.getValueSchema(), item, wrong, `${location}/${key}`);
  } else if (schema.isStructSchema() && isObject(value)) {
    const members = membersByPascalCase(schema);
    for (const [key, item] of Object.entries(value)) {
      const member = members.get(key);
      if (member) checkShape(member.schema, item, wrong, `${location}/${key}`);
      else
        wrong(
          `${location}/${key}`,
          `The field '${key}' is not supported by Step Functions; ${schema.getName()} has ${[...members.keys()].join(', ') || 'no fields'}`,
        );
    }
    for (const name of required(schema)) {
      if (!(pascalCase(name) in value)) wrong(location, `The field '${pascalCase(name)}' is required but was missing`);
    }
  }
}

/** A task's arguments as the input of an API call, with the member names of the SDK. @throws StatesError States.Runtime */
export function toApi(schema: NormalizedSchema, value: Json, location = ''): unknown {
  if (schema.isDocumentSchema()) return value;
  if (schema.isStructSchema()) {
    const object = expect(isObject(value), value, location, 'an object') as Record<string, Json>;
    const members = membersByPascalCase(schema);
    const input: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(object)) {
      const member = members.get(key);
      if (!member) throw unusable(`The field '${key}' is not supported by Step Functions`);
      if (item !== null) input[member.name] = toApi(member.schema, item, `${location}/${key}`);
    }
    return input;
  }
  if (schema.isListSchema()) {
    const list = expect(Array.isArray(value), value, location, 'a list') as Json[];
    return list.map((item, index) => toApi(schema.getValueSchema(), item, `${location}/${index}`));
  }
  if (schema.isMapSchema()) {
    const map = expect(isObject(value), value, location, 'an object') as Record<string, Json>;
    return Object.fromEntries(
      Object.entries(map).map(([key, item]) => [key, toApi(schema.getValueSchema(), item, `${location}/${key}`)]),
    );
  }
  if (schema.isTimestampSchema()) {
    const date = new Date(typeof value === 'number' ? value * 1000 : String(value));
    return expect(!Number.isNaN(date.getTime()), date, location, 'a date and time');
  }
  if (schema.isBlobSchema()) return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  if (schema.isBooleanSchema()) return expect(typeof value === 'boolean', value, location, 'true or false');
  if (schema.isNumericSchema()) return expect(typeof value === 'number', value, location, 'a number');
  return expect(typeof value === 'string', value, location, 'a string');
}

/** An API's answer as a task's result. Members that are not set are left out. */
export function fromApi(schema: NormalizedSchema, value: unknown, timestamps: TimestampForm): Json {
  if (value instanceof Date) return timestamps === 'iso' ? value.toISOString() : value.getTime();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (schema.isListSchema() && Array.isArray(value))
    return value.map((item) => fromApi(schema.getValueSchema(), item, timestamps));
  if (schema.isMapSchema() && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fromApi(schema.getValueSchema(), item, timestamps)]),
    );
  }
  if (!schema.isStructSchema() || !isObject(value)) return (value ?? null) as Json;
  const members = schema.getMemberSchemas();
  const result: Record<string, Json> = {};
  for (const [name, item] of Object.entries(value)) {
    const member = members[name];
    if (member && item !== undefined && item !== null) result[pascalCase(name)] = fromApi(member, item, timestamps);
  }
  return result;
}

function membersByPascalCase(schema: NormalizedSchema): Map<string, { name: string; schema: NormalizedSchema }> {
  if (schema.isUnitSchema()) return new Map();
  return new Map(
    Object.entries(schema.getMemberSchemas()).map(([name, member]) => [pascalCase(name), { name, schema: member }]),
  );
}

/** A structure's schema lists its required members first, and ends with their number. */
function required(schema: NormalizedSchema): string[] {
  const [, , , , names, , count] = schema.getSchema() as unknown as [
    number,
    string,
    string,
    unknown,
    string[],
    unknown[],
    number?,
  ];
  return (names ?? []).slice(0, count ?? 0);
}

function expect<T>(fits: boolean, value: T, location: string, expected: string): T {
  if (fits) return value;
  throw unusable(`The value for the field '${location.slice(1)}' must be ${expected}, not ${kindOf(value)}`);
}

export function unusable(why: string): StatesError {
  return StatesError.runtime(`The Arguments could not be used to start the Task: [${why}]`);
}
