import type { Json, JsonObject } from '../json';
import { MAX_PAYLOAD_BYTES, MAX_VARIABLES_BYTES } from '../limits';
import { StatesError } from '../states-error';

/**
 * The workflow variables that one scope sees: its own and, read-only, those of the outer scopes. An outer scope stands still while
 * an inner one runs, so an inner scope begins with a copy of the names. Never changed: assigning gives a new one.
 */
export class Variables {
  static readonly none = new Variables({}, {});

  private constructor(
    readonly values: Readonly<JsonObject>,
    private readonly bytes: Readonly<Record<string, number>>,
  ) {}

  /** @throws StatesError States.DataLimitExceeded */
  with(assigned: JsonObject, state: string): Variables {
    const bytes = Object.fromEntries(Object.entries(assigned).map(([name, value]) => [name, size(value)]));
    if (sum(bytes) > MAX_PAYLOAD_BYTES) throw exceeded(state, MAX_PAYLOAD_BYTES);
    const all = { ...this.bytes, ...bytes };
    if (sum(all) > MAX_VARIABLES_BYTES) throw exceeded(state, MAX_VARIABLES_BYTES);
    return new Variables({ ...this.values, ...assigned }, all);
  }
}

function exceeded(state: string, limit: number): StatesError {
  return StatesError.dataLimitExceeded(
    `The variables assigned by the state '${state}' exceed the limit of ${limit} bytes.`,
  );
}

function size(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function sum(bytes: Record<string, number>): number {
  return Object.values(bytes).reduce((total, size) => total + size, 0);
}
