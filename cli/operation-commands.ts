import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import * as z from 'zod';
import { clusterConfig } from '../lambdas/contracts/cluster-config';
import { OPERATION, type OperationName } from '../lambdas/contracts/operation';

/** Words that people type for an operation; one without is called by its name. */
const SHORT: Partial<Record<OperationName, string>> = {
  'check-certificates': 'check',
  'renew-certificates': 'renew',
  'create-cluster': 'create',
};

export const commandOf = (operation: OperationName): string => SHORT[operation] ?? operation;

interface Field {
  name: string;
  type: 'boolean' | 'number' | 'text' | 'list' | 'json';
  choices?: string[] | undefined;
  description: string;
  required: boolean;
  /** What it is when nothing is said, with default settings. */
  usual?: unknown;
}

/** The options of an operation as its contract has them: a field that must be there is an argument, another one an option. */
export function fieldsOf(operation: OperationName): Field[] {
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
      description: json.description ?? words(name),
      required: !z.safeParse(schema as z.ZodType, undefined).success,
      usual: usual[name],
    };
  });
}

/** Adds them to a command. `read` makes the request's body of what the command's action got. */
export function addFields(
  command: Command,
  operation: OperationName,
): { read(args: string[], options: Record<string, unknown>): Record<string, unknown> } {
  const fields = fieldsOf(operation);
  const required = fields.filter((field) => field.required);
  for (const field of required) {
    const argument = new Argument(`<${kebab(field.name)}>`, field.description).argParser((text) => parse(field, text));
    if (field.choices) argument.choices(field.choices);
    command.addArgument(argument);
  }
  for (const field of fields.filter((one) => !one.required))
    for (const option of optionsOf(field)) command.addOption(option);
  return {
    read: (args, options) =>
      Object.fromEntries([
        ...required.map(({ name }, index) => [name, args[index]]),
        ...fields.filter(({ name }) => options[name] !== undefined).map(({ name }) => [name, options[name]]),
      ]) as Record<string, unknown>,
  };
}

/** A switch can be turned both ways; the help shows the one that changes something. */
function optionsOf(field: Field): Option[] {
  const { name, type, choices, description, usual } = field;
  const flag = `--${kebab(name)}`;
  if (type === 'boolean') {
    const [on, off] = [new Option(flag, description), new Option(`--no-${kebab(name)}`, `Not: ${description}`)];
    (usual === true ? on : off).hideHelp();
    return [on, off];
  }
  const option = new Option(`${flag} <${type === 'list' ? 'text...' : type}>`, description);
  if (choices) return [option.choices(choices)];
  return [type === 'list' ? option : option.argParser((text) => parse(field, text))];
}

function parse({ type, choices }: Field, text: string): unknown {
  if (choices && !choices.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  if (type === 'number') {
    if (text.trim() === '' || !Number.isFinite(Number(text))) throw new InvalidArgumentError('Expected a number.');
    return Number(text);
  }
  if (type === 'boolean') return text === 'true';
  if (type !== 'json') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError('Expected JSON.');
  }
}

function typeOf(type: string | undefined): Field['type'] {
  if (type === 'boolean' || type === 'number') return type;
  if (type === 'integer') return 'number';
  if (type === 'array') return 'list';
  return type === 'string' ? 'text' : 'json';
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const words = (name: string) => kebab(name).replaceAll('-', ' ');
