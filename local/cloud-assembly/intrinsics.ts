import { AssemblyError } from './assembly-error';

/** Where intrinsic functions find what they name. */
export interface Scope {
  /** Value of `Ref` to a resource, parameter or pseudo parameter. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
}

/** Stands for AWS::NoValue: the property or list item that it is the value of disappears. */
const NO_VALUE = Symbol('AWS::NoValue');
type Evaluate = (argument: unknown, scope: Scope, where: string) => unknown;

/** Resolves all intrinsic functions in a value. `where` names the value in errors, such as `Table (AWS::DynamoDB::Table).Properties`. */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  const resolved = evaluate(value, scope, where);
  return resolved === NO_VALUE ? undefined : resolved;
}

function evaluate(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => evaluate(item, scope, `${where}[${index}]`)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) return value;
  const call = intrinsicOf(value);
  if (call) return call.run(call.argument, scope, where);
  const entries = Object.entries(value).map(([key, item]) => [key, evaluate(item, scope, `${where}.${key}`)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

function intrinsicOf(value: object): { run: Evaluate; argument: unknown; name: string } | undefined {
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length) return undefined;
  const argument = (value as Record<string, unknown>)[name];
  if (name === 'Ref' || name === 'Condition' ? typeof argument !== 'string' : !name.startsWith('Fn::'))
    return undefined;
  const run = FUNCTIONS[name];
  if (run) return { run, argument, name };
  throw new AssemblyError(
    `The local AWS does not support the function ${name}; it knows ${Object.keys(FUNCTIONS).join(', ')}.`,
  );
}

const FUNCTIONS: Record<string, Evaluate> = {
  Ref: (name, scope) => (name === 'AWS::NoValue' ? NO_VALUE : scope.ref(name as string)),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] =
      typeof argument === 'string' ? splitOnce(argument, '.') : (argument as [string, string]);
    return scope.getAtt(logicalId, attribute);
  },
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope, where) => {
    const [delimiter, items] = list(argument, scope, where) as [string, unknown[]];
    return items.map((item) => text(item, where)).join(delimiter);
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, items] = list(argument, scope, where) as [number | string, unknown[]];
    const item = items[Number(index)];
    if (item === undefined) throw new AssemblyError(`${where}: Fn::Select asks for item ${index} of ${items.length}.`);
    return item;
  },
  'Fn::Split': (argument, scope, where) => {
    const [delimiter, source] = list(argument, scope, where) as [string, string];
    return text(source, where).split(delimiter);
  },
  'Fn::If': (argument, scope, where) => {
    const [condition, whenTrue, whenFalse] = argument as [string, unknown, unknown];
    return evaluate(scope.condition(condition) ? whenTrue : whenFalse, scope, where);
  },
  'Fn::FindInMap': (argument, scope, where) =>
    scope.mapping(...(list(argument, scope, where) as [string, string, string])),
  Condition: (name, scope) => scope.condition(name as string),
  'Fn::Equals': (argument, scope, where) => {
    const [left, right] = list(argument, scope, where);
    return JSON.stringify(left) === JSON.stringify(right);
  },
  'Fn::And': (argument, scope, where) => list(argument, scope, where).every(Boolean),
  'Fn::Or': (argument, scope, where) => list(argument, scope, where).some(Boolean),
  'Fn::Not': (argument, scope, where) => !list(argument, scope, where)[0],
};

function substitute(argument: unknown, scope: Scope, where: string): string {
  const [template, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
  return template.replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(own, name)) return text(evaluate(own[name], scope, where), where);
    return text(name.includes('.') ? scope.getAtt(...splitOnce(name, '.')) : scope.ref(name), where);
  });
}

function list(argument: unknown, scope: Scope, where: string): unknown[] {
  const items = evaluate(argument, scope, where);
  if (!Array.isArray(items))
    throw new AssemblyError(
      `${where}: expected the arguments of a function as a list, got ${JSON.stringify(argument)}.`,
    );
  return items;
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new AssemblyError(`${where}: expected text, got ${JSON.stringify(value)}.`);
}

function splitOnce(value: string, separator: string): [string, string] {
  const at = value.indexOf(separator);
  return [value.slice(0, at), value.slice(at + separator.length)];
}

/** Logical ids (and parameters) that a value refers to by Ref, Fn::GetAtt and Fn::Sub. */
export function referencesOf(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (item: unknown): void => {
    if (Array.isArray(item)) return item.forEach(visit);
    if (typeof item !== 'object' || item === null) return;
    const call = intrinsicOf(item);
    if (call?.name === 'Ref') found.add(call.argument as string);
    else if (call?.name === 'Fn::GetAtt') {
      found.add(typeof call.argument === 'string' ? splitOnce(call.argument, '.')[0] : (call.argument as string[])[0]!);
    } else {
      if (call?.name === 'Fn::Sub') {
        const template = Array.isArray(call.argument) ? (call.argument[0] as string) : (call.argument as string);
        for (const [, name] of template.matchAll(/\$\{([^!.}][^.}]*)[^}]*\}/g)) found.add(name!);
      }
      Object.values(item).forEach(visit);
    }
  };
  visit(value);
  return found;
}
