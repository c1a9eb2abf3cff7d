import type * as z from 'zod';
import { count, shorten } from './plain-text';

/** What zod found wrong with a value, as half a sentence for each problem: `thresholdDays is -1, must be 0 or more days`. */
export function describeProblems(error: z.ZodError, value: unknown): string {
  const problems = error.issues.map((issue) => describe(issue, value));
  const shown = problems.slice(0, 3).join('; ');
  return problems.length > 3 ? `${shown}; and ${count(problems.length - 3, 'more problem')}` : shown;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${shorten(key, 40)}"`).join(', ');
    return `unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${keys}${where && ` in ${where}`}`;
  }
  const got = valueAt(value, issue.path);
  const subject = where || 'it';
  if (got === undefined) return `${subject} is missing`;
  const expected = issue.message.startsWith('must') ? issue.message : issue.message.replace(/^Invalid input: /, '');
  return `${subject} is ${shorten(JSON.stringify(got) ?? String(got), 60)}, ${expected}`;
}

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
