import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { type ClusterConfig, clusterName } from '../contracts/cluster-config';
import {
  OPERATION,
  isReadOnly,
  OPERATIONS,
  operationInput,
  requestedOptions,
  type OperationInput,
  type OperationName,
  type OperationOptions,
  type Trigger,
} from '../contracts/operation';
import { UserError } from '../runtime/user-error';
import { describeProblems } from './text/describe-problem';

/** @throws UserError InvalidInput in one sentence: what was got, which fields this operation takes */
export function parseOperationInput<Name extends OperationName>(operation: Name, input: unknown): OperationInput<Name> {
  return parseFields(
    operation,
    operationInput(operation),
    input ?? {},
    (problems, fields) =>
      `The input is not valid: ${problems}; expected JSON such as {"cluster":"demo"} (${fields}): start it again with that corrected.`,
  ) as OperationInput<Name>;
}

/**
 * The options of a start, checked as the operation itself will check them.
 * @throws UserError InvalidInput
 */
export function parseRequestedOptions(operation: OperationName, options: unknown): Record<string, unknown> {
  return parseFields(
    operation,
    requestedOptions(operation),
    options,
    (problems, fields) => `The options are not valid: ${problems}; expected ${fields}: correct what sends them.`,
  );
}

function parseFields(
  operation: OperationName,
  schema: z.ZodObject,
  value: unknown,
  sentence: (problems: string, fields: string) => string,
): Record<string, unknown> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = [describeProblems(parsed.error, value), ...fieldsOfOthers(operation, parsed.error)].join('; ');
  const fields = `fields of ${operation}: ${Object.keys(schema.shape).join(', ')}`;
  throw new UserError('InvalidInput', sentence(problems, fields));
}

/** Of unknown fields that another operation takes: which one. */
function fieldsOfOthers(operation: OperationName, error: z.ZodError): string[] {
  const unknown = error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  return unknown.flatMap((field) => {
    const owner = OPERATIONS.find((other) => other !== operation && Object.hasOwn(OPERATION[other].options, field));
    return owner ? [`"${field}" is a field of ${owner}`] : [];
  });
}

/** What was asked for, with the cluster's settings and defaults where nothing was. */
export function chosenOptions<Name extends OperationName>(
  operation: Name,
  { cluster: _cluster, trigger: _trigger, ...input }: OperationInput<Name>,
  config: ClusterConfig,
): OperationOptions<Name> {
  const { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: _, ...asked } = input as Record<string, unknown>;
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

const OPERATION_EXECUTION = new RegExp(`^(.+):execution:(.+-)(?:${OPERATIONS.join('|')}):[^:]+$`);

/** Whether it is an execution of an operation of this app, in the same account and region as `own`, which is one. */
export function isExecutionOfOperation(executionArn: string, own: string): boolean {
  const [here, there] = [OPERATION_EXECUTION.exec(own), OPERATION_EXECUTION.exec(executionArn)];
  return here !== null && there !== null && here[1] === there[1] && here[2] === there[2];
}

/** Executions that may hold a lock: of operations that change something, and of what uncordons nodes after one. */
const HOLDER = new RegExp(
  `^(.+):execution:kubeadm-autopilot-(?:${[...OPERATIONS.filter((operation) => !isReadOnly(operation)), 'uncordon-nodes'].join('|')}):[^:]+$`,
);

/** Whether it is one of those, in the account and region of this state machine of the app. */
export function mayHoldLock(executionArn: string, stateMachineArn: string): boolean {
  return HOLDER.exec(executionArn)?.[1] === stateMachineArn.split(':stateMachine:')[0];
}

/** The cluster that an execution's input names; undefined where it names none that could exist. */
export function clusterOfInput(input: unknown): string | undefined {
  const cluster = input !== null && typeof input === 'object' ? (input as Record<string, unknown>).cluster : undefined;
  const parsed = clusterName.safeParse(cluster);
  return parsed.success ? parsed.data : undefined;
}

/** Name of the operation, from the ARN of its execution. */
export function operationOfExecution(arn: string): string {
  return (arn.split(':')[6] ?? '').replace(/^kubeadm-autopilot-/, '');
}

/** Undefined for what is no JSON, or absent. */
export function fromJson(text: string | null | undefined): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}
