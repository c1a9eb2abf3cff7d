import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { OperationName } from '../lambdas/contracts/operation';
import { fieldsOf, kebab, type OperationField as Field } from '../lambdas/contracts/operation-fields';

/** Adds the options of an operation to a command. `read` makes the request's body of what the command's action got. */
export function addFields(
  command: Command,
  operation: OperationName,
): { read(args: string[], options: Record<string, unknown>): Record<string, unknown> } {
  const fields = fieldsOf(operation);
  const required = fields.filter((field) => field.required && !field.byName);
  for (const field of required) {
    const argument = new Argument(`<${kebab(field.name)}${field.type === 'list' ? '...' : ''}>`, field.description);
    if (field.type !== 'list') argument.argParser((text) => parse(field, text));
    if (field.choices) argument.choices(field.choices);
    command.addArgument(argument);
  }
  for (const field of fields.filter((one) => !required.includes(one)))
    for (const option of optionsOf(field)) command.addOption(option.makeOptionMandatory(field.required));
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
