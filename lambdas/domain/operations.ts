import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { ClusterConfig } from '../contracts/cluster-config';
import {
  OPERATION,
  OPERATIONS,
  operationInput,
  type OperationInput,
  type OperationName,
  type OperationOptions,
  type Trigger,
} from '../contracts/operation';
import { UserError } from '../runtime/user-error';
import { describeProblems } from './text/describe-problem';

/** @throws UserError InvalidInput in one sentence: what was got, which fields this operation takes */
export function parseOperationInput<Name extends OperationName>(operation: Name, input: unknown): OperationInput<Name> {
  const schema = operationInput(operation);
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data as OperationInput<Name>;
  const problems = describeInputProblems(operation, parsed.error, input ?? {});
  throw new UserError(
    'InvalidInput',
    `The input is not valid: ${problems}; expected JSON such as {"cluster":"demo"} (fields of ${operation}: ${fieldNames(schema)}): start it again with that corrected.`,
  );
}

/** As describeProblems; of a field that another operation takes it also says which one. */
export function describeInputProblems(operation: OperationName, error: z.ZodError, input: unknown): string {
  const unknown = error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const elsewhere = unknown.flatMap((field) => {
    const owner = OPERATIONS.find((other) => other !== operation && Object.hasOwn(OPERATION[other].options, field));
    return owner ? [`"${field}" is a field of ${owner}`] : [];
  });
  return [describeProblems(error, input), ...elsewhere].join('; ');
}

export const fieldNames = (schema: z.ZodObject): string => Object.keys(schema.shape).join(', ');

/** What was asked for, with the cluster's settings and defaults where nothing was. */
export function chosenOptions<Name extends OperationName>(
  operation: Name,
  { cluster: _cluster, trigger: _trigger, ...asked }: OperationInput<Name>,
  config: ClusterConfig,
): OperationOptions<Name> {
  return { planOnly: false, ...OPERATION[operation].defaults(config), ...asked } as unknown as OperationOptions<Name>;
}

/** Name of the execution that a trigger starts, at most 80 characters: the same trigger gives the same name, so it starts one. */
export function executionName(operation: OperationName, cluster: string, { source, id }: Trigger): string {
  const hash = createHash('sha256').update(`${source}:${id}`).digest('hex').slice(0, 20);
  return `${operation}-${cluster}-${hash}`;
}

/** ARN of an execution of a standard state machine. */
export function executionArn(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
