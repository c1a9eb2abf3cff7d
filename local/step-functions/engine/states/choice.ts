import type { ChoiceState } from '../../definition/types';
import { evaluateAs, isBoolean } from '../../expressions/template';
import { StatesError } from '../../states-error';
import type { Flow, Transition } from '../flow';

/** The first rule whose condition is true; otherwise the default, to which the state's own Output and Assign belong. */
export async function runChoice(flow: Flow, state: ChoiceState): Promise<Transition> {
  const bindings = flow.bindings();
  const fallback = flow.position!.input;
  for (const rule of state.rules) {
    const isTrue = await flow.evaluating(() => evaluateAs(rule.condition, bindings, 'boolean', isBoolean));
    if (isTrue) return flow.leave({ fallback, output: rule.output, assign: rule.assign, next: rule.next });
  }
  if (state.defaultNext === undefined)
    throw new StatesError(
      'States.NoChoiceMatched',
      `No choice rule of the state '${state.name}' matched, and it has no Default.`,
    );
  return flow.leave({ fallback, output: state.output, assign: state.assign, next: state.defaultNext });
}
