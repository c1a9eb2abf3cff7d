import type { Payload, Variable } from './expressions';
import { nameOf, render } from './expressions';

/** A variable and what a state puts into it. */
export interface Assignment {
  name: string;
  value: unknown;
}

export const set = <Value>(variable: Variable<Value>, value: Payload<Value>): Assignment => ({
  name: nameOf(variable),
  value: render(value),
});

/** As the `assign` of a state; absent when nothing is assigned. */
export const assignments = (all: Assignment[]): Record<string, unknown> | undefined =>
  all.length === 0 ? undefined : Object.fromEntries(all.map(({ name, value }) => [name, value]));
