import * as z from 'zod';
import { plan, type Plan } from '../../lambdas/contracts/plan';
import type { Context } from '../context';
import { plain, table, plainLines } from './text';
import { formatDuration } from './times';

/** An operation's report may hold its plan, or be the plan itself. */
const planIn = (output: unknown): Plan | undefined =>
  plan.safeParse(output).data ?? plan.safeParse((output as { plan?: unknown } | undefined)?.plan).data;

/** What check-certificates answers instead of a plan: it changes nothing. */
const nodesToAsk = z.object({
  nodes: z.array(z.object({ name: z.string() })),
  unreachable: z.array(z.object({ name: z.string(), unreachable: z.string().optional() })).default([]),
});

/** The plan for people: what is going to be done, on which nodes, and what each gate says. */
export function planText(output: unknown, colors: Context['colors']): string {
  const planned = planIn(output);
  if (planned?.text !== undefined) return plainLines(planned.text.trimEnd());
  if (planned) {
    const { summary, steps, gates, predictedSeconds } = planned;
    const rows = steps.map(({ name, action, why, predictedSeconds: seconds }, index) => [
      ...[String(index + 1), name, action, why, formatDuration(seconds * 1000)],
    ]);
    const refusals = gates.filter((gate) => !gate.passed);
    return [
      plain(summary),
      ...(rows.length > 0 ? [table(['', 'node', 'action', 'why', 'about'], rows)] : []),
      ...(predictedSeconds > 0 ? [`In all about ${formatDuration(predictedSeconds * 1000)}.`] : []),
      ...refusals.map(({ name, reason, whatToDo }) => `${colors.red(`✖ ${name}`)}: ${plain(`${reason} ${whatToDo}`)}`),
    ].join('\n');
  }
  const asked = nodesToAsk.safeParse(output).data;
  if (!asked) return JSON.stringify(output, null, 2);
  return [
    `These nodes would be asked: ${asked.nodes.map(({ name }) => plain(name)).join(', ')}.`,
    ...asked.unreachable.map(({ name, unreachable = '' }) => `Not reached: ${plain(name)}: ${plain(unreachable)}.`),
  ].join('\n');
}

/** What the plan says is to be done; undefined for what is no plan. */
export const decisionOf = (output: unknown): string | undefined => planIn(output)?.decision;
