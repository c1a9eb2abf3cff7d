import type { AwsError } from '../../aws/aws-call';
import type { PatternPart } from '../../iam/wildcards';
import { ANY, matchesParts } from '../../iam/wildcards';

export type ValueMatcher = (value: unknown) => boolean;
type Invalid = (problem: string) => AwsError;

/** One entry of a pattern's list: a value, or an object with one operator. */
export function valueMatcher(rule: unknown, path: string, invalid: Invalid): ValueMatcher {
  if (Array.isArray(rule)) throw invalid(`${path} has a list within its list`);
  if (typeof rule !== 'object' || rule === null) return (value) => value === rule;
  const entries = Object.entries(rule);
  if (entries.length !== 1) throw invalid(`${path} has an object with ${entries.length} operators; 1 is allowed`);
  const [operator, operand] = entries[0]!;
  if (operator === 'anything-but') return anythingBut(operand, path, invalid);
  if (operator === 'numeric') return numeric(operand, path, invalid);
  return textOperator(operator, operand, path, invalid);
}

const TEXT: Record<string, (operand: string) => (value: string) => boolean> = {
  prefix: (operand) => (value) => value.startsWith(operand),
  suffix: (operand) => (value) => value.endsWith(operand),
  'equals-ignore-case': (operand) => (value) => value.toLowerCase() === operand.toLowerCase(),
  wildcard: (operand) => {
    const pattern = wildcard(operand);
    return (value) => matchesParts(pattern, value);
  },
};

function textOperator(operator: string, operand: unknown, path: string, invalid: Invalid): ValueMatcher {
  const make = Object.hasOwn(TEXT, operator) ? TEXT[operator] : undefined;
  if (!make) {
    throw invalid(
      `${path} has the operator ${operator}; the local EventBridge knows ${[...Object.keys(TEXT), 'anything-but', 'numeric', 'exists'].join(', ')}`,
    );
  }
  if ((operator === 'prefix' || operator === 'suffix') && isIgnoreCase(operand)) {
    const matches = make(operand['equals-ignore-case'].toLowerCase());
    return (value) => typeof value === 'string' && matches(value.toLowerCase());
  }
  if (typeof operand !== 'string') throw invalid(`${operator} of ${path} has to be a string`);
  if (operator === 'wildcard' && operand.includes('**')) throw invalid(`wildcard of ${path} has two * in a row`);
  const matches = make(operand);
  return (value) => typeof value === 'string' && matches(value);
}

const isIgnoreCase = (operand: unknown): operand is { 'equals-ignore-case': string } =>
  typeof operand === 'object' &&
  operand !== null &&
  typeof (operand as Record<string, unknown>)['equals-ignore-case'] === 'string';

/** `*` is any text; `\*` and `\\` are themselves. */
function wildcard(text: string): PatternPart[] {
  const parts = text.match(/\\[*\\]|[^]/g) ?? [];
  return parts.map((part) => (part === '*' ? ANY : part.length === 2 ? part.charAt(1) : part));
}

/** A value, a list of values, or { prefix | suffix | wildcard | equals-ignore-case: text or list of texts }. */
function anythingBut(operand: unknown, path: string, invalid: Invalid): ValueMatcher {
  const nested = typeof operand === 'object' && operand !== null && !Array.isArray(operand);
  if (!nested) {
    const values: unknown[] = Array.isArray(operand) ? operand : [operand];
    if (!values.length) throw invalid(`anything-but of ${path} is an empty list`);
    const odd = values.find((value) => !['string', 'number'].includes(typeof value));
    if (odd !== undefined)
      throw invalid(`anything-but of ${path} takes strings and numbers, not ${JSON.stringify(odd)}`);
    return (value) => !values.includes(value);
  }
  const entries = Object.entries(operand);
  if (entries.length !== 1)
    throw invalid(`anything-but of ${path} has an object with ${entries.length} operators; 1 is allowed`);
  const [operator, texts] = entries[0]!;
  const matchers = (Array.isArray(texts) ? texts : [texts]).map((text) => textOperator(operator, text, path, invalid));
  return (value) => !matchers.some((matches) => matches(value));
}

const COMPARE: Record<string, (value: number, limit: number) => boolean> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** One comparison or two: ["=", 1], [">", 0, "<=", 5]. */
function numeric(operand: unknown, path: string, invalid: Invalid): ValueMatcher {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalid(`numeric of ${path} has to be a list such as [">", 0, "<=", 5]`);
  }
  const comparisons = operand.flatMap((sign, index) =>
    index % 2 ? [] : [{ sign: String(sign), limit: operand[index + 1] as unknown }],
  );
  const tests = comparisons.map(({ sign, limit }) => {
    const compare = Object.hasOwn(COMPARE, sign) ? COMPARE[sign] : undefined;
    if (!compare)
      throw invalid(`numeric of ${path} has the comparison ${sign}; there are ${Object.keys(COMPARE).join(', ')}`);
    if (typeof limit !== 'number')
      throw invalid(`numeric of ${path} compares with ${JSON.stringify(limit)}, which is not a number`);
    return (value: number) => compare(value, limit);
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}
