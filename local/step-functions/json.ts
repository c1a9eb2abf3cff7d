export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON's own word for the type of a value: null, boolean, number, string, array or object. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Data that passes between states, with its JSON text: the text is made once, for the history and for the size limit. */
export class Payload {
  private constructor(
    readonly value: Json,
    readonly text: string,
  ) {}

  static of(value: Json): Payload {
    return new Payload(value, JSON.stringify(value));
  }

  /** Keeps the text as it was written. @throws SyntaxError */
  static parse(text: string): Payload {
    return new Payload(JSON.parse(text) as Json, text);
  }

  /** Size in UTF-8. */
  get bytes(): number {
    return Buffer.byteLength(this.text);
  }
}
