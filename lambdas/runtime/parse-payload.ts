import type * as z from 'zod';
import { describeProblems } from '../domain/text/describe-problem';

/** The Lambda's payload in its contract's form. What the state machine sends otherwise is our mistake, not a user's. */
export function parsePayload<Schema extends z.ZodType>(schema: Schema, payload: unknown): z.output<Schema> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new Error(`The payload is not what this function expects: ${describeProblems(parsed.error, payload)}.`);
}
