import type { Json } from '../json';
import type { Bindings, Expression } from './expression';
import { EvaluationError } from './expression';

/** A JSON value in which any string may be an expression: Arguments, Output, Assign, Items ... */
export type Template =
  | { kind: 'constant'; value: Json; location: string }
  | { kind: 'expression'; expression: Expression; location: string }
  | { kind: 'list'; items: Template[]; location: string }
  | { kind: 'object'; members: [string, Template][]; location: string };

export type CompileExpression = (source: string, location: string) => Expression | undefined;

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** @param compile answers undefined, having noted why, for an expression that cannot be compiled. */
export function compileTemplate(value: Json, location: string, compile: CompileExpression): Template {
  if (typeof value === 'string') {
    const source = expressionSource(value);
    const expression = source === undefined ? undefined : compile(source, location);
    return expression ? { kind: 'expression', expression, location } : { kind: 'constant', value, location };
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, `${location}/${index}`, compile));
    return items.every(({ kind }) => kind === 'constant')
      ? { kind: 'constant', value, location }
      : { kind: 'list', items, location };
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]): [string, Template] => [
      key,
      compileTemplate(member, `${location}/${key}`, compile),
    ]);
    return members.every(([, { kind }]) => kind === 'constant')
      ? { kind: 'constant', value, location }
      : { kind: 'object', members, location };
  }
  return { kind: 'constant', value, location };
}

/** What stands between `{%` and `%}`; undefined for a string that is no expression. */
export function expressionSource(text: string): string | undefined {
  return EXPRESSION.exec(text)?.[1]?.trim();
}

/** @throws EvaluationError */
export async function evaluateTemplate(template: Template, bindings: Bindings): Promise<Json> {
  switch (template.kind) {
    case 'constant':
      return template.value;
    case 'expression':
      return template.expression.evaluate(bindings);
    case 'list': {
      const items: Json[] = [];
      for (const item of template.items) items.push(await evaluateTemplate(item, bindings));
      return items;
    }
    case 'object': {
      const members: [string, Json][] = [];
      for (const [key, member] of template.members) members.push([key, await evaluateTemplate(member, bindings)]);
      return Object.fromEntries(members);
    }
  }
}

/** Like evaluateTemplate, for fields that take one type only. @throws EvaluationError with AWS's words for another type. */
export async function evaluateAs<T extends Json>(
  template: Template,
  bindings: Bindings,
  expected: string,
  fits: (value: Json) => value is T,
): Promise<T> {
  const value = await evaluateTemplate(template, bindings);
  if (fits(value)) return value;
  const source = template.kind === 'expression' ? template.expression.source : JSON.stringify(value);
  throw EvaluationError.wrongType(source, template.location, expected, value);
}

export const isArray = (value: Json): value is Json[] => Array.isArray(value);
export const isString = (value: Json): value is string => typeof value === 'string';
export const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';
export const isSeconds = (value: Json): value is number => typeof value === 'number' && value >= 0;
export const isWholeNumber = (value: Json): value is number => Number.isInteger(value) && (value as number) >= 0;
