import jsonata from 'jsonata';
import type { Part } from '../../local/step-functions/expressions/walk-expression';
import { partsOf, walkExpression } from '../../local/step-functions/expressions/walk-expression';

/** Names that an expression takes from outside itself, without the dollar sign. */
export interface ExpressionNames {
  /** Workflow variables that it reads. */
  read: ReadonlySet<string>;
  /** Those of which it asks somewhere whether they are assigned: `$exists($x)`. */
  asked: ReadonlySet<string>;
  /** Functions that it calls or passes on. */
  functions: ReadonlySet<string>;
}

/** Functions of JSONata 2.0.6, the version of AWS, without $eval; and those that Step Functions adds. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains ' +
    'replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not ' +
    'map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct ' +
    'base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis fromMillis now millis ' +
    'partition range hash uuid parse'
  ).split(' '),
);

/** @param expression without the `{% %}` around it. @throws Error when it cannot be parsed */
export function namesIn(expression: string): ExpressionNames {
  const names = { read: new Set<string>(), asked: new Set<string>(), functions: new Set<string>() };
  walkExpression(jsonata(expression).ast(), (part, { locals }) => {
    const isOutside = (name: string) => !locals.has(name) && !['', '$', 'states'].includes(name);
    const called = nameCalled(part);
    if (called !== undefined && isOutside(called)) names.functions.add(called);
    const asked = existsOf(part);
    if (asked !== undefined && isOutside(asked)) names.asked.add(asked);
    const name = variableName(part);
    if (name !== undefined && isOutside(name)) (FUNCTIONS.has(name) ? names.functions : names.read).add(name);
  });
  return names;
}

/** Variables that are assigned wherever the condition is true: those of `$exists($x)`, alone or in a chain of `and`. */
export function assignedWhereTrue(condition: string): string[] {
  const within = (part: Part): string[] => {
    if (part.type === 'binary' && part.value === 'and')
      return [part.lhs, part.rhs].flatMap((side) => within(side as unknown as Part));
    return [existsOf(part)].filter((name) => name !== undefined);
  };
  return within(jsonata(condition).ast() as unknown as Part);
}

const variableName = (part: Part | undefined) => (part?.type === 'variable' ? String(part.value) : undefined);

const nameCalled = (part: Part) =>
  part.type === 'function' || part.type === 'partial' ? variableName(part.procedure as Part) : undefined;

/** x in `$exists($x)`. */
const existsOf = (part: Part) => (nameCalled(part) === 'exists' ? variableName(partsOf(part.arguments)[0]) : undefined);
