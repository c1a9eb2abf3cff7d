import type { Assignment } from '../foundation/assign';
import { set } from '../foundation/assign';
import { context } from '../foundation/context';
import type { Expression, Variable } from '../foundation/expressions';
import { expression } from '../foundation/expressions';

/** Whole seconds that each step of a node's turn took, by the step's name. */
export type StepSeconds = Record<string, number>;

const secondsSince = (time: Expression<string>) => expression<number>`$round(($millis() - $toMillis(${time})) / 1000)`;

/** In the `assign` of the state that does the step: adds how long it took, with the way to the node, to what is in `seconds`. */
export const addSeconds = (seconds: Variable<StepSeconds>, step: string): Assignment =>
  set(
    seconds,
    expression<StepSeconds>`$merge([${seconds}, {${step}: [$lookup(${seconds}, ${step}), 0][0] + ${secondsSince(context.State.EnteredTime)}}])`,
  );
