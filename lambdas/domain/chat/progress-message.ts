import type { KnownBlock, TaskCardBlock } from '@slack/types';
import type { ChatMessage, NodeState } from '../../contracts/chat/message';
import type { OperationDetails } from '../../contracts/api/operations';
import { count, shorten } from '../text/plain-text';
import { code, escape, mention, took } from './mrkdwn';
import { context, heading, section } from './plan-message';

interface Shown {
  text: string;
  blocks: KnownBlock[];
}

/** How an operation stands, as far as its message needs it. */
export type Standing = Pick<OperationDetails, 'status' | 'startedAt' | 'endedAt' | 'error' | 'cause' | 'output'>;

/** Slack's plan block shows this many tasks well; further nodes are counted. */
const MOST_TASKS = 40;
const STATUS = { started: 'in_progress', succeeded: 'complete', failed: 'error' } as const;
const MARKS = { started: '…', succeeded: '✔', failed: '✖' } as const;

/**
 * The one message of an operation that runs: a plan block with a task for each node, in the plan's order, and the same as text.
 * @param revision another one at each edit: Slack's clients draw a block anew when its id has changed
 */
export function progressMessage(message: ChatMessage, standing: Standing | undefined, revision: string): Shown {
  const ended = standing?.endedAt !== undefined;
  const rows = ordered(message);
  const head = ended ? endOf(message, standing) : `${heading(message)} is running`;
  const [shown, more] = [rows.slice(0, MOST_TASKS), rows.slice(MOST_TASKS)];
  const rest = more.length === 0 ? [] : [summary(more)];
  return {
    text: [head, ...shown.filter(([, node]) => node).map(([name, node]) => line(name, node!)), ...rest]
      .join('\n')
      .slice(0, 2_900),
    blocks: [
      section(head),
      ...(shown.length > 0 ? [planBlock(message, shown, ended, revision)] : []),
      ...rest.map(context),
      context(`${code(message.id)} · asked by ${mention(message.user)}`),
    ],
  };
}

/** For the thread, which notifies those who follow it. */
export function endOf(message: ChatMessage, { status, startedAt, endedAt, error, cause, output }: Standing): string {
  const duration = took((Date.parse(endedAt ?? startedAt) - Date.parse(startedAt)) / 1000);
  if (status === 'SUCCEEDED') {
    const { summary: said, because } = (output ?? {}) as { summary?: unknown; because?: unknown };
    const result = [said, because].find((text) => typeof text === 'string');
    return `:white_check_mark: ${heading(message)} is done, after ${duration}.${result ? `\n${escape(result as string, 1_500)}` : ''}`;
  }
  const why = [error, cause].filter((text) => text !== undefined).join(': ');
  const word = status === 'ABORTED' ? 'was stopped' : 'failed';
  return `:x: ${heading(message)} ${word} after ${duration}.${why ? `\n${escape(why, 1_500)}` : ''}`;
}

type Row = [name: string, node: NodeState | undefined];

/** Nodes of the plan in its order, then the others in that of their names. */
function ordered({ planned, nodes }: ChatMessage): Row[] {
  const others = Object.keys(nodes)
    .filter((name) => !planned.includes(name))
    .sort();
  return [...new Set([...planned, ...others])].map((name) => [name, nodes[name]]);
}

function planBlock({ operation, cluster }: ChatMessage, rows: Row[], ended: boolean, revision: string): KnownBlock {
  const begun = rows.filter(([, node]) => node !== undefined).length;
  const done = rows.filter(([, node]) => node?.state === 'succeeded').length;
  return {
    type: 'plan',
    block_id: `plan-${revision}`,
    title: `${operation} of ${cluster}: ${ended ? `${done} of ${count(rows.length, 'node')} done` : `${begun} of ${count(rows.length, 'node')} begun`}`,
    tasks: rows.map(([name, node], index) => task(name, node, `${revision}-${index}`)),
  };
}

function task(name: string, node: NodeState | undefined, id: string): TaskCardBlock {
  return {
    type: 'task_card',
    task_id: id,
    block_id: `task-${id}`,
    title: shorten(name, 100) || '–',
    status: node ? STATUS[node.state] : 'pending',
    ...(node && {
      details: {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: what(node) }] }],
      },
    }),
  };
}

const what = ({ step, seconds, message }: NodeState): string =>
  shorten(
    `${step}${seconds === undefined ? '' : `, ${took(seconds)}`}${message === undefined ? '' : `: ${message}`}`,
    500,
  );

const line = (name: string, node: NodeState): string =>
  `${MARKS[node.state]} ${escape(name, 100)}: ${escape(what(node), 300)}`;

function summary(rows: Row[]): string {
  const of = (state: NodeState['state'] | undefined) => rows.filter(([, node]) => node?.state === state).length;
  return `${count(rows.length, 'more node')}: ${of('succeeded')} done, ${of('started')} at work, ${of('failed')} failed, ${of(undefined)} to come`;
}
