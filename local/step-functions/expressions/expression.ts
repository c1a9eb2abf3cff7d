import type { Expression as CompiledJsonata } from 'jsonata';
import type { Json } from '../json';
import { kindOf } from '../json';

/** A field of a state, or its input, that gave no usable value: a States.QueryEvaluationError. The message is AWS's, without the state that it names first. */
export class EvaluationError extends Error {
  constructor(
    message: string,
    /** Field of the state, such as Arguments/Payload. AWS names none where no field is wrong but the input. */
    readonly location?: string,
  ) {
    super(message);
    this.name = 'EvaluationError';
  }

  /** @param reason AWS's half sentence on what became of the expression. */
  static of(source: string, location: string, reason: string): EvaluationError {
    return new EvaluationError(
      `The JSONata expression '${source}' specified for the field '${location}' ${reason}`,
      location,
    );
  }

  static wrongType(source: string, location: string, expected: string, value: Json): EvaluationError {
    const reason = `returned an unexpected result type. Expected '${expected}', but was '${kindOf(value)}' for value: ${JSON.stringify(value)}`;
    return EvaluationError.of(source, location, reason);
  }
}

export type Bindings = Record<string, unknown>;

/** One `{% ... %}`, compiled once for a state machine. */
export class Expression {
  constructor(
    readonly source: string,
    readonly location: string,
    private readonly compiled: CompiledJsonata,
  ) {}

  /** @throws EvaluationError also for a result that is undefined or not JSON (a function). */
  async evaluate(bindings: Bindings): Promise<Json> {
    let result: unknown;
    try {
      result = await this.compiled.evaluate(undefined, bindings);
    } catch (thrown) {
      throw EvaluationError.of(this.source, this.location, `threw an error during evaluation. ${describe(thrown)}`);
    }
    if (result === undefined) throw EvaluationError.of(this.source, this.location, 'returned nothing (undefined).');
    const value = plain(result);
    if (value === undefined)
      throw EvaluationError.of(this.source, this.location, 'returned an unsupported result type.');
    return value;
  }
}

function describe(thrown: unknown): string {
  const { code, message } = thrown as { code?: string; message?: string };
  return code ? `${code}: ${message}` : String(message ?? thrown);
}

/** JSONata's results as plain JSON: its sequences carry hidden properties. Undefined for functions, and for what holds one. */
function plain(value: unknown): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object' || value instanceof RegExp || isFunction(value)) return undefined;
  if (Array.isArray(value)) {
    const items = Array.from(value as unknown[])
      .filter((item) => item !== undefined)
      .map(plain);
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  const members: [string, Json][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const plainMember = plain(member);
    if (plainMember === undefined) return undefined;
    members.push([key, plainMember]);
  }
  // An assignment would lose a member that is called __proto__.
  return Object.fromEntries(members);
}

function isFunction(value: object): boolean {
  return '_jsonata_lambda' in value || '_jsonata_function' in value;
}
