import jsonata from 'jsonata';
import type { ExpressionFunction } from '../expressions/functions';
import { checkExpression } from '../expressions/check-expression';
import { Expression } from '../expressions/expression';
import type { Template } from '../expressions/template';
import { compileTemplate } from '../expressions/template';
import type { Json, JsonObject } from '../json';
import { isObject, kindOf } from '../json';
import type { Problems } from './problems';

/** A loop without an end in an expression ends here instead of stopping the whole local AWS. */
const EXPRESSION_TIME_LIMIT_MS = 10_000;
const EXPRESSION_DEPTH_LIMIT = 1000;

/** Which $states fields a template may read beside input and context. */
export type Reads = 'input' | 'result' | 'errorOutput';

/** Reads the fields of one JSON object of a definition, and notes each mistake with its place. */
export class Reader {
  constructor(
    readonly object: JsonObject,
    readonly location: string,
    readonly problems: Problems,
    private readonly functions: Record<string, ExpressionFunction>,
  ) {}

  /** Fields of `what` other than these are mistakes. */
  allow(what: string, fields: readonly string[]): void {
    for (const field of Object.keys(this.object)) {
      if (!fields.includes(field))
        this.wrong(`${what} has no field '${field}' in JSONata; it has ${fields.join(', ')}`, field);
    }
  }

  require(...fields: string[]): void {
    const missing = fields.filter((field) => this.object[field] === undefined);
    if (missing.length) this.wrong(`These fields are required: [${missing.join(', ')}]`);
  }

  wrong(message: string, field?: string): void {
    this.problems.add(field === undefined ? this.location : `${this.location}/${field}`, message);
  }

  string(field: string): string | undefined {
    return this.typed(field, 'a string', (value): value is string => typeof value === 'string' && value !== '');
  }

  number(field: string, expected: string, fits: (value: number) => boolean): number | undefined {
    return this.typed(field, expected, (value): value is number => typeof value === 'number' && fits(value));
  }

  oneOf<T extends string>(field: string, values: readonly T[]): T | undefined {
    return this.typed(field, `one of ${values.join(', ')}`, (value): value is T => values.includes(value as T));
  }

  /** The objects of a list, each with a reader of its own. */
  list(field: string, { atLeast = 0 } = {}): Reader[] {
    const list = this.typed(field, 'a list', (value): value is Json[] => Array.isArray(value));
    if (list && list.length < atLeast) this.wrong(`'${field}' has to have at least ${atLeast} element`, field);
    return (list ?? []).flatMap((item, index) => this.inner(item, `${field}[${index}]`) ?? []);
  }

  child(field: string): Reader | undefined {
    return this.object[field] === undefined ? undefined : this.inner(this.object[field], field);
  }

  /** A field whose strings may be expressions. */
  template(field: string, reads: Reads = 'input'): Template | undefined {
    const value = this.object[field];
    if (value === undefined) return undefined;
    const states = new Set(['input', 'context', ...(reads === 'input' ? [] : [reads])]);
    return compileTemplate(value, field, (source, location) => this.compile(source, location, states));
  }

  /** A template whose value has one type: a literal of another is a mistake. */
  templateOf(field: string, expected: string, fits: (value: Json) => boolean): Template | undefined {
    const template = this.template(field);
    if (template?.kind === 'constant' && !fits(template.value)) this.wrong(this.expected(field, expected), field);
    if (template?.kind === 'object' && !fits({})) this.wrong(this.expected(field, expected), field);
    if (template?.kind === 'list' && !fits([])) this.wrong(this.expected(field, expected), field);
    return template;
  }

  private compile(source: string, location: string, states: ReadonlySet<string>): Expression | undefined {
    try {
      const compiled = jsonata(source, { timeout: EXPRESSION_TIME_LIMIT_MS, stack: EXPRESSION_DEPTH_LIMIT });
      for (const mistake of checkExpression(compiled.ast(), states)) {
        this.wrong(`The JSONata expression '${source}' cannot be used: ${mistake}`, location);
      }
      for (const [name, { implementation, signature }] of Object.entries(this.functions)) {
        compiled.registerFunction(name, implementation, signature);
      }
      return new Expression(source, location, compiled);
    } catch (thrown) {
      this.wrong(`The JSONata expression '${source}' cannot be parsed: ${(thrown as Error).message}`, location);
      return undefined;
    }
  }

  private inner(value: Json, field: string): Reader | undefined {
    if (isObject(value)) return new Reader(value, `${this.location}/${field}`, this.problems, this.functions);
    this.wrong(`expected an object, got ${kindOf(value)}`, field);
    return undefined;
  }

  private typed<T extends Json>(field: string, expected: string, fits: (value: Json) => value is T): T | undefined {
    const value = this.object[field];
    if (value === undefined || fits(value)) return value;
    this.wrong(this.expected(field, expected), field);
    return undefined;
  }

  private expected(field: string, expected: string): string {
    return `The field '${field}' has to be ${expected}, not ${JSON.stringify(this.object[field])}`;
  }
}
