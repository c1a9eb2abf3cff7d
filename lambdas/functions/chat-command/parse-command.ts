import type { ChatRight } from '../../contracts/chat/rights';
import { OPERATIONS, type OperationName } from '../../contracts/operation';
import { fieldsOf, kebab, operationOf, wordOf, type OperationField } from '../../contracts/operation-fields';
import { didYouMean } from '../../domain/text/nearest';

/** A command as somebody has typed it; what it names is checked where it is carried out. */
export type Command =
  | { name: 'help' }
  | { name: 'status' | 'certificates' | 'history' | 'unfreeze'; cluster: string }
  | { name: 'freeze'; cluster: string; reason: string }
  | { name: 'show'; operation: string }
  | { name: 'stop' | 'reject'; operation: string; reason: string }
  /** `digest`: how that of the plan begins, where somebody says which plan they mean. */
  | { name: 'approve'; operation: string; digest?: string | undefined }
  | {
      name: 'plan' | 'start';
      operation: OperationName;
      cluster: string;
      options: Record<string, unknown>;
      yes: boolean;
    };

/** What a command needs beside the help. */
export const RIGHT: Record<Exclude<Command['name'], 'help'>, ChatRight> = {
  status: 'look',
  certificates: 'look',
  history: 'look',
  show: 'look',
  plan: 'plan',
  start: 'start',
  approve: 'approve',
  reject: 'approve',
  stop: 'stop',
  freeze: 'freeze',
  unfreeze: 'freeze',
};

/** One sentence: what was typed, what is expected. */
export class Mistake extends Error {}

const USAGE = {
  status: 'status CLUSTER',
  certificates: 'certificates CLUSTER',
  history: 'history CLUSTER',
  show: 'show OPERATION-ID',
  approve: 'approve OPERATION-ID',
  reject: 'reject OPERATION-ID REASON',
  stop: 'stop OPERATION-ID REASON',
  freeze: 'freeze CLUSTER REASON',
  unfreeze: 'unfreeze CLUSTER',
  preflight: 'preflight CLUSTER',
};

/** @throws Mistake */
export function parseCommand(text: string): Command {
  const [word = 'help', ...rest] = text.trim().split(/\s+/).filter(Boolean);
  const name = word.toLowerCase();
  switch (name) {
    case 'help':
      return { name };
    case 'status':
    case 'certificates':
    case 'history':
    case 'unfreeze':
      return { name, cluster: only(name, rest) };
    case 'show':
      return { name, operation: only(name, rest) };
    case 'freeze':
      return { name, cluster: first(name, rest), reason: reason(name, rest) };
    case 'stop':
    case 'reject':
      return { name, operation: first(name, rest), reason: reason(name, rest) };
    case 'approve':
      if (rest.length > 2) throw new Mistake(`"${rest.slice(2).join(' ')}" is too much: expected ${USAGE[name]}.`);
      return { name, operation: first(name, rest), digest: rest[1] };
    case 'preflight':
      return { name: 'plan', operation: 'create-cluster', cluster: only(name, rest), options: {}, yes: false };
    case 'plan':
      return { name, ...operationIn(rest[0], rest.slice(1)) };
    default:
      return { name: 'start', ...operationIn(name, rest) };
  }
}

export function helpText(): string {
  const words = OPERATIONS.map(
    (operation) => `\`${[wordOf(operation), 'CLUSTER', ...requiredOf(operation).map(placeholder)].join(' ')}\``,
  );
  return [
    'Commands:',
    ...Object.values(USAGE).map((usage) => `• \`${usage}\``),
    '• `plan OPERATION CLUSTER …`: what it would do; Start and Discard are below it',
    `• ${words.join(', ')}: the same; with \`--yes\` it starts at once`,
    'An operation takes its options as `--name value`, `--name` or `--no-name` (docs/slack.md).',
  ].join('\n');
}

function operationIn(word: string | undefined, args: string[]) {
  const known = word?.toLowerCase() ?? '';
  const operation = operationOf(known);
  if (!operation) {
    const words = ['help', ...Object.keys(USAGE), 'plan', ...OPERATIONS.map(wordOf)];
    throw new Mistake(
      `There is no command or operation "${known}"; expected ${words.join(', ')}.${didYouMean(known, [...words, ...OPERATIONS])}`,
    );
  }
  const [cluster, ...others] = args;
  const required = requiredOf(operation);
  const usage = `${known} CLUSTER ${required.map(placeholder).join(' ')}`.trim();
  if (cluster === undefined || cluster.startsWith('-')) throw new Mistake(`The cluster is missing: expected ${usage}.`);
  const options: Record<string, unknown> = {};
  for (const field of required.filter(({ byName }) => !byName)) {
    const given = others.shift();
    if (given === undefined || given.startsWith('-')) throw new Mistake(`${field.name} is missing: expected ${usage}.`);
    options[field.name] = value(field, given);
    // The last one may be several: join prod i-1 i-2.
    const several = options[field.name];
    while (Array.isArray(several) && field === required.at(-1) && others[0] && !others[0].startsWith('-'))
      several.push(...(value(field, others.shift()!) as string[]));
  }
  const yes = others.includes('--yes');
  readOptions(
    operation,
    others.filter((one) => one !== '--yes'),
    options,
  );
  const missing = required.find(({ name }) => options[name] === undefined);
  if (missing) throw new Mistake(`--${missing.name} is missing: expected ${usage}.`);
  return { operation, cluster, options, yes };
}

function readOptions(operation: OperationName, args: string[], into: Record<string, unknown>): void {
  const fields = fieldsOf(operation).filter(({ required, byName }) => byName || !required);
  const flags = ['--yes', ...fields.map(({ name }) => `--${kebab(name)}`)];
  for (let index = 0; index < args.length; index++) {
    const typed = args[index]!;
    const found = fields.find(({ name }) => [`--${kebab(name)}`, `--no-${kebab(name)}`].includes(typed));
    if (!found)
      throw new Mistake(
        `${operation} has no option "${typed}"; expected ${flags.join(', ')}.${didYouMean(typed, flags)}`,
      );
    if (found.type === 'boolean') into[found.name] = !typed.startsWith('--no-');
    else if (args[index + 1] === undefined) throw new Mistake(`${typed} needs a value.`);
    else into[found.name] = value(found, args[++index]!);
  }
}

/** What is no number is left as it is: the operation's own check says what is expected. */
function value({ type }: OperationField, text: string): unknown {
  if (type === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  return type === 'list' ? text.split(',') : text;
}

const requiredOf = (operation: OperationName) => fieldsOf(operation).filter(({ required }) => required);
const placeholder = ({ name, byName }: OperationField) =>
  byName ? `--${kebab(name)} MACHINE` : kebab(name).toUpperCase();

function first(name: keyof typeof USAGE, [one]: string[]): string {
  if (one === undefined) throw new Mistake(`${name} needs more: expected ${USAGE[name]}.`);
  return one;
}

function only(name: keyof typeof USAGE, args: string[]): string {
  if (args.length > 1) throw new Mistake(`"${args.slice(1).join(' ')}" is too much: expected ${USAGE[name]}.`);
  return first(name, args);
}

function reason(name: keyof typeof USAGE, args: string[]): string {
  const text = args.slice(1).join(' ');
  if (text === '') throw new Mistake(`The reason is missing: expected ${USAGE[name]}.`);
  return text;
}
