import { z } from 'zod';
import type { AwsAction, AwsOutput, Caller, Permission } from './aws-call';
import { AwsError } from './aws-call';

interface Definition<Input> {
  /** What IAM must allow; default: the action on `*`. */
  permissions?(input: Input): Permission[];
  run(input: Input, caller: Caller): AwsOutput | Promise<AwsOutput>;
}

/**
 * An action whose input is checked against a schema before IAM is asked and before it runs.
 * @throws AwsError ValidationException that names the member, what was got and what is allowed.
 */
export function checkedAction<S extends z.ZodType>(
  name: string,
  schema: S,
  definition: Definition<z.output<S>>,
): AwsAction {
  const { permissions } = definition;
  return {
    ...(permissions && { permissions: (input: Record<string, unknown>) => permissions(checked(name, schema, input)) }),
    run: async (input, caller) => definition.run(checked(name, schema, input), caller),
  };
}

/** `value` as the schema gives it. @throws AwsError with one sentence for the first mistake. */
export function checked<S extends z.ZodType>(
  what: string,
  schema: S,
  value: unknown,
  code = 'ValidationException',
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AwsError(code, `${what}: ${mistakes(result.error)}`);
}

/** One line for all the mistakes that zod found: the path of each and what is wrong there. */
export function mistakes(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const path = issue.path
        .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index ? '.' : ''}${String(key)}`))
        .join('');
      if (issue.code === 'unrecognized_keys') {
        return `${path ? `${path} has` : 'there is'} a field that the local AWS does not know: ${issue.keys.join(', ')}.`;
      }
      const message = issue.code === 'invalid_key' ? issue.issues.map((one) => one.message).join(', ') : issue.message;
      return `${path || 'the value'}: ${message}.`;
    })
    .join(' ');
}

/** A timestamp as an SDK gives it (Date), a template (ISO 8601) or JSON (epoch seconds). */
export const timestamp = z
  .union([
    z.date(),
    z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
    z.number().transform((seconds) => new Date(seconds * 1000)),
  ])
  .pipe(z.date());
