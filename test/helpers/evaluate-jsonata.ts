import jsonata from 'jsonata';
import { expressionIn } from './state-machine';

/** Evaluates what stands in a state as Step Functions would: each `{% %}` below it, with `$states` and the variables. */
export async function evaluate(value: unknown, bindings: Record<string, unknown>): Promise<unknown> {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    return expression === undefined ? value : evaluateExpression(expression, bindings);
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, bindings)));
  if (typeof value !== 'object' || value === null) return value;
  const members = await Promise.all(
    Object.entries(value).map(async ([key, member]) => [key, await evaluate(member, bindings)] as const),
  );
  return Object.fromEntries(members);
}

/** @throws Error when it yields nothing: Step Functions refuses that as States.QueryEvaluationError. */
export async function evaluateExpression(expression: string, bindings: Record<string, unknown>): Promise<unknown> {
  const result: unknown = await compile(expression).evaluate(undefined, bindings);
  if (result === undefined) throw new Error(`${expression} yields nothing.`);
  return JSON.parse(JSON.stringify(result)) as unknown;
}

/** Once for each text: to read an expression takes longer than to evaluate it, and each is evaluated for several clusters. */
function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known) return known;
  const made = jsonata(expression);
  made.registerFunction('partition', partition, '<an:a>');
  made.registerFunction('parse', (text: string): unknown => JSON.parse(text), '<s:x>');
  compiled.set(expression, made);
  return made;
}
const compiled = new Map<string, jsonata.Expression>();

/** Step Functions' own function, which the package does not have (nor $parse). */
const partition = (array: unknown[], size: number) =>
  Array.from({ length: Math.ceil(array.length / size) }, (_, index) => array.slice(index * size, (index + 1) * size));
