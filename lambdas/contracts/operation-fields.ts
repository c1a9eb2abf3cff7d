import * as z from 'zod';
import { clusterConfig } from './cluster-config';
import { OPERATION, OPERATIONS, type OperationName } from './operation';

export interface OperationField {
  name: string;
  type: 'boolean' | 'number' | 'text' | 'list' | 'json';
  choices?: string[] | undefined;
  description: string;
  required: boolean;
  /** It is said by its name all the same: of two nodes in a row people would mix up which one leaves. */
  byName: boolean;
  /** What it is when nothing is said, with default settings. */
  usual?: unknown;
}

/** Words that people type for an operation; one without is called by its name. */
const SHORT: Partial<Record<OperationName, string>> = {
  'check-certificates': 'check',
  'renew-certificates': 'renew',
  'create-cluster': 'create',
  'join-node': 'join',
  'back-up-etcd': 'backup',
  'remove-node': 'remove',
  'replace-node': 'replace',
};
export const wordOf = (operation: OperationName): string => SHORT[operation] ?? operation;

/** By its word or its name. */
export const operationOf = (typed: string): OperationName | undefined =>
  OPERATIONS.find((operation) => [operation, wordOf(operation)].includes(typed));

const BY_NAME = 'with';

/** The options of an operation as its contract has them: a field that must be there is an argument, or has to be given by its name; another one is an option. */
export function fieldsOf(operation: OperationName): OperationField[] {
  const { options, defaults } = OPERATION[operation] as { options: z.ZodRawShape; defaults: unknown };
  const usual = (defaults as (settings: unknown) => Record<string, unknown>)(clusterConfig.parse({ cluster: 'any' }));
  return Object.entries(options).map(([name, schema]) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
      type?: string;
      enum?: string[];
      description?: string;
    };
    return {
      name,
      type: typeOf(json.type),
      choices: json.enum,
      description: json.description ?? kebab(name).replaceAll('-', ' '),
      required: !z.safeParse(schema as z.ZodType, undefined).success,
      byName: name === BY_NAME,
      usual: usual[name],
    };
  });
}

/** `thresholdDays` as people type it: `threshold-days`. */
export const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function typeOf(type: string | undefined): OperationField['type'] {
  if (type === 'boolean' || type === 'number') return type;
  if (type === 'integer') return 'number';
  if (type === 'array') return 'list';
  return type === 'string' ? 'text' : 'json';
}
