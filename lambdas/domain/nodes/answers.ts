import type * as z from 'zod';
import type { ControlPlaneFacts } from '../../contracts/node-steps';
import type { NodeResult } from '../../contracts/run-on-nodes';
import { describeProblems } from '../text/describe-problem';
import { shorten } from '../text/plain-text';

/** What a node answered, in the form that its script promises. */
export interface Answer<Value> {
  instanceId: string;
  /** The name to report it by (NodeResult's; the script knows only its own hostname). */
  name: string;
  value: Value;
}

/** A control plane as inspect-control-plane.sh sees it. */
export type ControlPlane = Answer<ControlPlaneFacts>;

export interface NoAnswer {
  instanceId: string;
  name: string;
  error: 'NodeUnreachable' | 'NodeStepTimedOut' | 'NodeStepFailed';
  /** One sentence. */
  message: string;
}

/** Sorts the nodes' results into answers of the expected form and reasons why there is none, both by name. */
export function parseResults<Schema extends z.ZodType>(
  schema: Schema,
  results: NodeResult[],
): { answers: Answer<z.output<Schema>>[]; noAnswers: NoAnswer[] } {
  const answers: Answer<z.output<Schema>>[] = [];
  const noAnswers: NoAnswer[] = [];
  for (const { instanceId, name, result, failure } of [...results].sort(byName)) {
    if (failure) {
      noAnswers.push({ instanceId, name, error: failure.error, message: shorten(failure.message, 500) });
      continue;
    }
    const parsed = schema.safeParse(result);
    if (parsed.success) answers.push({ instanceId, name, value: parsed.data });
    else {
      const problem = describeProblems(parsed.error, result);
      const message = `${name} answered in a form that this version does not know (${shorten(problem, 200)}); deploy the app again, so that scripts and functions are of one version.`;
      noAnswers.push({ instanceId, name, error: 'NodeStepFailed', message });
    }
  }
  return { answers, noAnswers };
}

/** Sorting that every machine agrees on: by name, then by instance id. */
export function byName(a: { name: string; instanceId: string }, b: { name: string; instanceId: string }): number {
  const [left, right] = a.name === b.name ? [a.instanceId, b.instanceId] : [a.name, b.name];
  return left < right ? -1 : left > right ? 1 : 0;
}
