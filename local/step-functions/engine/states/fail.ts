import type { FailState } from '../../definition/types';
import type { Template } from '../../expressions/template';
import { evaluateAs, isString } from '../../expressions/template';
import { StatesError } from '../../states-error';
import type { Flow } from '../flow';

export async function runFail(flow: Flow, state: FailState): Promise<never> {
  const bindings = flow.bindings();
  const text = (template: Template | undefined) =>
    template && flow.evaluating(() => evaluateAs(template, bindings, 'string', isString));
  throw new StatesError(await text(state.error), await text(state.reason));
}
