import type { KnownBlock } from '@slack/types';
import type { ChatMessage } from '../../contracts/chat/message';
import { plan, type Plan } from '../../contracts/plan';
import { count, shorten } from '../text/plain-text';
import { code, escape, mention, took } from './mrkdwn';
import { planButtons } from './plan-buttons';

interface Shown {
  text: string;
  blocks: KnownBlock[];
}

type About = Pick<ChatMessage, 'id' | 'operation' | 'cluster' | 'user'>;

/** Slack takes 100 rows, and 50 blocks; a screen takes fewer. */
const MOST_ROWS = 30;
const MOST_GATES = 10;
const MOST_SECTION = 2_900;

/** An operation's output may be the plan itself, or hold it. */
export const planIn = (output: unknown): Plan | undefined =>
  plan.safeParse(output).data ?? plan.safeParse((output as { plan?: unknown } | null | undefined)?.plan).data;

export const computing = (about: About): Shown => say(about, 'Computing the plan …');

/** A plan as blocks: what is going to be done on which node, what the gates say, and the buttons while it can be started. */
export function planMessage(about: About, output: unknown, hasButtons: boolean): Shown {
  const planned = planIn(output);
  if (!planned) return say(about, 'It changes nothing; start it to get its report.');
  const { decision, summary, steps, gates, predictedSeconds, digest } = planned;
  const refusals = gates.filter((gate) => !gate.passed);
  const text = [
    heading(about),
    escape(summary, 1_000),
    ...steps
      .slice(0, MOST_ROWS)
      .map(({ name, action }, index) => `${index + 1}. ${escape(name, 80)}: ${escape(action, 80)}`),
    ...refusals
      .slice(0, MOST_GATES)
      .map((gate) => `:no_entry: *${escape(gate.name, 60)}*: ${escape(`${gate.reason} ${gate.whatToDo}`, 600)}`),
  ];
  return {
    text: text.join('\n').slice(0, MOST_SECTION),
    blocks: [
      section(`${heading(about)}\n${escape(summary, 2_000)}`),
      ...(steps.length > 0 ? [table(steps)] : []),
      ...(steps.length > MOST_ROWS ? [context(`and ${count(steps.length - MOST_ROWS, 'more step')}`)] : []),
      ...text.slice(2 + Math.min(steps.length, MOST_ROWS)).map(section),
      context(
        [
          ...(predictedSeconds > 0 ? [`about ${took(predictedSeconds)}`] : []),
          `plan ${code(digest.slice(0, 12))}`,
          `asked by ${mention(about.user)}`,
        ].join(' · '),
      ),
      ...(hasButtons && decision === 'act' ? [planButtons(about.id)] : []),
    ],
  };
}

/** One sentence below the operation's name. */
export function say(about: About, sentence: string): Shown {
  const text = `${heading(about)}\n${sentence}`.slice(0, MOST_SECTION);
  return { text, blocks: [section(text), context(`asked by ${mention(about.user)}`)] };
}

export const heading = ({ operation, cluster }: Pick<About, 'operation' | 'cluster'>): string =>
  `*${escape(operation)}* of *${escape(cluster)}*`;

export const section = (text: string): KnownBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: text.slice(0, MOST_SECTION) },
});

export const context = (text: string): KnownBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: text.slice(0, MOST_SECTION) }],
});

function table(steps: Plan['steps']): KnownBlock {
  const cell = (text: string) => ({ type: 'raw_text', text: shorten(text, 200) || '–' }) as const;
  const rows = steps
    .slice(0, MOST_ROWS)
    .map(({ name, action, why, predictedSeconds }, index) =>
      [String(index + 1), name, action, why, took(predictedSeconds)].map(cell),
    );
  return { type: 'table', rows: [['#', 'node', 'action', 'why', 'about'].map(cell), ...rows] };
}
