import { Condition } from 'aws-cdk-lib/aws-stepfunctions';

/**
 * JSONata expressions that know what they evaluate to. A state machine reads its variables, and fills the payloads of its Lambdas, only
 * through these, so that a renamed field of a contract does not compile.
 */

declare const VALUE: unique symbol;
declare const ITEM: unique symbol;
const TEXT = Symbol('JSONata text');

/** A JSONata expression that evaluates to a `Value`. */
export interface Expression<out Value> {
  readonly [VALUE]?: Value;
  readonly [TEXT]: string;
}

/**
 * What a path over a list evaluates to: nothing, one item, or a list of several. `list` makes it a list in every case; nothing else
 * takes it for one.
 */
export interface Sequence<out Item> {
  readonly [ITEM]?: Item;
}

/** An expression that also has an expression for each field of its value. */
export type Reference<Value> = [Value] extends [readonly (infer Item)[]]
  ? Expression<Sequence<Item>> & FieldsOfItems<Item>
  : [Value] extends [object]
    ? Expression<Value> & { readonly [Field in keyof Value]-?: Reference<NonNullable<Value[Field]>> }
    : Expression<Value>;

type FieldsOfItems<Item> = [Item] extends [object]
  ? { readonly [Field in keyof Item]-?: Reference<NonNullable<Item[Field]>[]> }
  : unknown;

/** A value for a `Value`: written down, an expression, or an object or list of both. */
export type Payload<Value> =
  | Expression<Value>
  | (Value extends readonly (infer Item)[]
      ? readonly Payload<Item>[]
      : Value extends object
        ? { readonly [Field in keyof Value]: Payload<Value[Field]> }
        : Value);

/** A variable of a state machine. Assigned by the states that take it as `assignTo`. */
export type Variable<Value> = Reference<Value> & { readonly [NAME]: string; readonly [ASSIGNED]?: Value };
declare const ASSIGNED: unique symbol;
const NAME = Symbol('name of the variable');

/** @param name without the dollar sign */
export const variable = <Value>(name: string): Variable<Value> => reference(`$${name}`, name) as Variable<Value>;

/** What JSONata calls by `text`, such as `$states.input`. Only the caller knows its type. */
export const referTo = <Value>(text: string): Reference<Value> => reference(text) as Reference<Value>;

/** Fields by their names alone, as a predicate or a projection of items of this type reads them. */
export const fieldsOf = <Item>(): Reference<Item> => reference('') as Reference<Item>;

export const nameOf = (of: { readonly [NAME]: string }): string => of[NAME];

function reference(text: string, name?: string): unknown {
  return new Proxy(
    {},
    {
      get: (_, key) => {
        if (key === TEXT) return text;
        if (key === NAME) return name;
        if (typeof key === 'symbol') return undefined;
        return reference(text === '' ? key : `${text}.${key}`);
      },
      has: (_, key) => key === TEXT,
    },
  );
}

/** The text of an expression, without {% %}. */
export const textOf = (expression: Expression<unknown>): string => expression[TEXT];

/** JSONata with expressions put in; what else is put in becomes a literal. */
export function expression<Value>(
  parts: TemplateStringsArray,
  ...values: (Expression<unknown> | string | number | readonly (string | number)[])[]
): Expression<Value> {
  const texts = values.map((value) => (isExpression(value) ? textOf(value) : JSON.stringify(value)));
  return { [TEXT]: parts.map((part, index) => part + (texts[index] ?? '')).join('') } as Expression<Value>;
}

/** A list, whatever number of items the sequence has. */
export const list = <Item>(sequence: Expression<Sequence<Item> | readonly Item[]>): Expression<Item[]> =>
  expression`[${sequence}]`;

/** Each item of a list with these fields alone. */
export const pick = <Item, Field extends keyof Item & string>(
  sequence: Expression<Sequence<Item> | readonly Item[] | Item>,
  ...fields: Field[]
): Expression<Sequence<Pick<Item, Field>>> => {
  const picked = fields.map((field) => `"${field}": ${field}`).join(', ');
  return raw(`${textOf(sequence)}.{${picked}}`);
};

/** An object of these fields; one whose expression yields nothing is absent from it. */
export const object = <Value>(fields: {
  [Field in keyof Value]-?: Expression<NonNullable<Value[Field]>>;
}): Expression<Value> => {
  const entries = Object.entries<Expression<unknown>>(fields).map(([name, of]) => `"${name}": ${textOf(of)}`);
  return raw(`{ ${entries.join(', ')} }`);
};

export const is = <Value>(left: Expression<Value>, right: Value & (string | number | boolean)): Expression<boolean> =>
  raw(`${textOf(left)} = ${JSON.stringify(right)}`);

const raw = <Value>(text: string): Expression<Value> => ({ [TEXT]: text }) as Expression<Value>;

const isExpression = (value: unknown): value is Expression<unknown> =>
  typeof value === 'object' && value !== null && TEXT in value;

/** An expression as a value in a state. */
export const jsonata = (of: Expression<unknown>): string => `{% ${textOf(of)} %}`;

/** An expression as the condition of a Choice. */
export const condition = (of: Expression<boolean>): Condition => Condition.jsonata(jsonata(of));

/** The payload as a state's definition has it: every expression in {% %}. */
export function render(payload: unknown): unknown {
  if (isExpression(payload)) return jsonata(payload);
  if (Array.isArray(payload)) return payload.map(render);
  if (typeof payload !== 'object' || payload === null) return payload;
  return Object.fromEntries(
    Object.entries(payload).flatMap(([name, value]) => (value === undefined ? [] : [[name, render(value)]])),
  );
}
