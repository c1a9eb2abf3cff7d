import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-call';

/** How a protocol writes the scalars that JSON has no form for. */
export interface WireForms {
  readTimestamp(value: unknown, path: string): Date;
  writeTimestamp(value: Date): unknown;
  readBlob(value: unknown, path: string): Uint8Array;
  writeBlob(value: Uint8Array): unknown;
  /** For answers of another program, which may say more than this API knows. */
  dropsUnknownMembers?: boolean;
}

/** Reads a decoded body by its schema: dates and blobs become Date and Uint8Array; a member or type that the API does not know is an error. */
export function readShape(schema: NormalizedSchema, value: unknown, forms: WireForms, path = ''): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isDocumentSchema()) return value;
  if (schema.isTimestampSchema()) return forms.readTimestamp(value, path);
  if (schema.isBlobSchema()) return forms.readBlob(value, path);
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw wrongType(path, 'a list', value);
    return value.map((item, index) => readShape(schema.getValueSchema(), item, forms, `${path}[${index}]`));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(expectObject(value, path));
    return Object.fromEntries(
      entries.map(([key, item]) => [key, readShape(schema.getValueSchema(), item, forms, `${path}.${key}`)]),
    );
  }
  if (schema.isStructSchema()) return readStruct(schema, expectObject(value, path), forms, path);
  return expectScalar(schema, value, path);
}

function readStruct(schema: NormalizedSchema, value: Record<string, unknown>, forms: WireForms, path: string): unknown {
  const members = schema.getMemberSchemas();
  const read: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    // Smithy clients mark union members with __type.
    if (key === '__type') continue;
    // __proto__ and constructor are no members.
    const member = Object.hasOwn(members, key) ? members[key] : undefined;
    if (!member) {
      if (forms.dropsUnknownMembers) continue;
      throw new AwsError(
        'SerializationException',
        `Unknown member "${path ? `${path}.` : ''}${key}" in ${schema.getName()}; it has ${Object.keys(members).join(', ') || 'no members'}.`,
      );
    }
    const shaped = readShape(member, item, forms, path ? `${path}.${key}` : key);
    if (shaped !== undefined) read[key] = shaped;
  }
  return read;
}

/** Writes an output by its schema; a member that the API does not have is a mistake in the service and named as such. */
export function writeShape(schema: NormalizedSchema, value: unknown, forms: WireForms, path = ''): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isDocumentSchema()) return value;
  if (schema.isTimestampSchema()) {
    if (!(value instanceof Date))
      throw new TypeError(`The answer's ${path} has to be a Date, not ${JSON.stringify(value)}.`);
    return forms.writeTimestamp(value);
  }
  if (schema.isBlobSchema()) return forms.writeBlob(value as Uint8Array);
  if (schema.isListSchema()) {
    return (value as unknown[]).map((item, index) =>
      writeShape(schema.getValueSchema(), item, forms, `${path}[${index}]`),
    );
  }
  if (schema.isMapSchema()) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        writeShape(schema.getValueSchema(), item, forms, `${path}.${key}`),
      ]),
    );
  }
  if (!schema.isStructSchema()) return value;
  return Object.fromEntries(
    membersOf(schema, value, path).map(([key, member, item]) => [
      key,
      writeShape(member, item, forms, path ? `${path}.${key}` : key),
    ]),
  );
}

/** The members of an output that are set, with their schemas. */
export function membersOf(schema: NormalizedSchema, value: object, path = ''): [string, NormalizedSchema, unknown][] {
  const members = schema.isUnitSchema() ? {} : schema.getMemberSchemas();
  return Object.entries(value)
    .filter(([, item]) => item !== undefined && item !== null)
    .map(([key, item]) => {
      const member = Object.hasOwn(members, key) ? members[key] : undefined;
      if (!member)
        throw new TypeError(`The answer's ${path ? `${path}.` : ''}${key} is not a member of ${schema.getName()}.`);
      return [key, member, item];
    });
}

/** Numbers and booleans written as text (query strings, headers, labels). */
export function readText(schema: NormalizedSchema, text: string, path: string): unknown {
  if (schema.isBooleanSchema()) {
    if (text !== 'true' && text !== 'false') throw wrongType(path, 'true or false', text);
    return text === 'true';
  }
  if (schema.isNumericSchema()) {
    const number = Number(text);
    if (text.trim() === '' || Number.isNaN(number)) throw wrongType(path, 'a number', text);
    return number;
  }
  if (schema.isTimestampSchema()) return readIsoDate(text, path);
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'));
  return text;
}

export function readIsoDate(value: unknown, path: string): Date {
  const date = typeof value === 'number' ? new Date(value * 1000) : new Date(String(value));
  if (Number.isNaN(date.getTime())) throw wrongType(path, 'a date', value);
  return date;
}

function expectObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongType(path || 'the body', 'an object', value);
  return value as Record<string, unknown>;
}

function expectScalar(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (schema.isStringSchema() && typeof value !== 'string') throw wrongType(path, 'a string', value);
  if (schema.isBooleanSchema() && typeof value !== 'boolean') throw wrongType(path, 'true or false', value);
  if (schema.isNumericSchema() && typeof value !== 'number') throw wrongType(path, 'a number', value);
  return value;
}

export function wrongType(path: string, expected: string, got: unknown): AwsError {
  return new AwsError('SerializationException', `${path} must be ${expected}, not ${shown(got)}.`);
}

/** What a request has instead, which may be nested deeper than JSON.stringify can follow. */
function shown(got: unknown): string {
  try {
    return JSON.stringify(got);
  } catch (error) {
    if (error instanceof RangeError) return 'something nested so deeply';
    throw error;
  }
}
