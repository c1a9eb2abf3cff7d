import { readTexts } from './read-texts';
import { matchesWildcard } from './wildcards';

/** Values of condition keys in a request. IAM compares the names of keys without regard to case: these are in lower case. */
export type ConditionContext = Map<string, string>;

export interface Condition {
  key: string;
  holds(context: ConditionContext): boolean;
}

type Test = (value: string, pattern: string) => boolean;

const equal: Test = (value, pattern) => value === pattern;
const like: Test = (value, pattern) => matchesWildcard(pattern, value);
const equalIgnoreCase: Test = (value, pattern) => value.toLowerCase() === pattern.toLowerCase();

/** A negated operator holds when no value matches, and also when the key is absent from the request. */
const OPERATORS: Record<string, { test: Test; negated?: boolean }> = {
  StringEquals: { test: equal },
  StringNotEquals: { test: equal, negated: true },
  StringEqualsIgnoreCase: { test: equalIgnoreCase },
  StringNotEqualsIgnoreCase: { test: equalIgnoreCase, negated: true },
  StringLike: { test: like },
  StringNotLike: { test: like, negated: true },
  ArnEquals: { test: like }, // AWS treats ArnEquals and ArnLike alike
  ArnNotEquals: { test: like, negated: true },
  ArnLike: { test: like },
  ArnNotLike: { test: like, negated: true },
  Bool: { test: equalIgnoreCase },
};

/** In front of an operator: every value of the key has to match. Keys have one value here, and one that is absent holds, as on AWS. */
const FOR_ALL_VALUES = 'ForAllValues:';

export function readConditions(raw: unknown, where: string): Condition[] {
  return Object.entries((raw ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, byKey]) =>
    Object.entries(byKey).map(([key, values]) => readCondition(operator, key, values, where)),
  );
}

function readCondition(operator: string, key: string, rawValues: unknown, where: string): Condition {
  const forAll = operator.startsWith(FOR_ALL_VALUES);
  const ifExists = forAll || operator.endsWith('IfExists');
  const known = OPERATORS[operator.replace(FOR_ALL_VALUES, '').replace(/IfExists$/, '')];
  if (!known) {
    throw new Error(
      `${where}: the condition operator ${operator} is not supported by the local AWS; it knows ${Object.keys(OPERATORS).join(', ')}, each also with IfExists or ForAllValues.`,
    );
  }
  // Booleans may be written as such.
  const texts = (Array.isArray(rawValues) ? rawValues : [rawValues]).map((value) =>
    typeof value === 'boolean' ? String(value) : value,
  );
  const patterns = readTexts(texts, `${where}: ${operator} ${key}`);
  return {
    key,
    holds(context) {
      const value = context.get(key.toLowerCase());
      if (value === undefined) return ifExists || known.negated === true;
      const matches = patterns.some((pattern) => known.test(value, pattern));
      return known.negated ? !matches : matches;
    },
  };
}
