import type { Block } from './blocks';
import type { Message, Workspace } from './workspace';

const EMOJI: Record<string, string> = {
  white_check_mark: '✔',
  x: '✖',
  no_entry: '⛔',
  warning: '⚠',
  lock: '🔒',
  snowflake: '❄',
};
const MARKS = { pending: '○', in_progress: '…', complete: '✔', error: '✖' };

/** A message for a terminal: who to whom, then its lines, indented. */
export function messageText(message: Message, { names }: Workspace): string {
  const { channel, only, thread, edits } = message;
  const where = [
    `#${names.get(channel) ?? channel}`,
    ...(only === undefined ? [] : [`only to ${names.get(only) ?? only}`]),
    ...(thread === undefined ? [] : ['in the thread']),
    ...(edits === 0 ? [] : ['edited']),
  ];
  const lines = message.blocks.length > 0 ? message.blocks.flatMap(blockLines) : message.text.split('\n');
  return [`autopilot (${where.join(', ')})`, ...lines.map((line) => `  ${plain(line, names)}`)].join('\n');
}

function blockLines(block: Block): string[] {
  switch (block.type) {
    case 'section':
      return block.text.text.split('\n');
    case 'context':
      return block.elements.map(({ text }) => text);
    case 'table':
      return block.rows.map((row) => row.map(({ text }) => text).join('  '));
    case 'actions':
      return [block.elements.map(({ text }) => `[ ${text.text} ]`).join(' ')];
    case 'plan':
      return [block.title, ...block.tasks.map((task) => `${MARKS[task.status]} ${task.title}  ${detailsOf(task)}`)];
  }
}

export type Task = Extract<Block, { type: 'plan' }>['tasks'][number];
export const detailsOf = ({ details }: Task): string =>
  details?.elements.flatMap(({ elements }) => elements.map(({ text }) => text)).join('') ?? '';

/** Slack's formatting without a formatter. */
function plain(text: string, names: Map<string, string>): string {
  return withNames(text, names)
    .replace(/[*`]/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Mentions, links and emoji as a reader sees them. */
export const withNames = (text: string, names: Map<string, string>): string =>
  text
    .replace(/<@(\w+)>/g, (_, user: string) => `@${names.get(user) ?? user}`)
    .replace(/<(https:[^|>]+)\|([^>]+)>/g, '$2 ($1)')
    .replace(/:(\w+):/g, (code, name: string) => EMOJI[name] ?? code);
