import type { MapState } from '../../definition/types';
import { EvaluationError } from '../../expressions/expression';
import { evaluateAs, isArray, isWholeNumber } from '../../expressions/template';
import type { Json } from '../../json';
import { Payload } from '../../json';
import { checkSize, MAX_INLINE_CONCURRENCY } from '../../limits';
import { runChildren } from '../children';
import type { Flow, Transition } from '../flow';
import { withRetryAndCatch } from '../retry-and-catch';

/** The item processor for each item, at most MaxConcurrency at a time; the result is the list of their outputs. */
export function runMap(flow: Flow, state: MapState): Promise<Transition> {
  return withRetryAndCatch(
    flow,
    state,
    () => attempt(flow, state),
    () => {
      flow.previous = flow.run.history.addIfRoom('MapStateFailed', flow.previous);
    },
  );
}

async function attempt(flow: Flow, state: MapState): Promise<Transition> {
  const position = flow.position!;
  const concurrency = await maxConcurrency(flow, state);
  position.children ??= await startIterations(flow, state);
  const { children } = position;
  const { history } = flow.run;
  const about = (index: number) => ({ name: state.name, index });
  await runChildren(flow, children, concurrency, {
    started: (index, previous) =>
      history.add('MapIterationStarted', previous, { mapIterationStartedEventDetails: about(index) }),
    succeeded: (index, child) =>
      history.add('MapIterationSucceeded', child.previous, { mapIterationSucceededEventDetails: about(index) }),
    failed: (index, previous) =>
      history.addIfRoom('MapIterationFailed', previous, { mapIterationFailedEventDetails: about(index) }),
    aborted: (index, previous) =>
      history.addIfRoom('MapIterationAborted', previous, { mapIterationAbortedEventDetails: about(index) }),
  });
  const last = flow.previous;
  flow.record('MapStateSucceeded');
  // AWS lets both events follow the last one of the iterations.
  flow.previous = last;
  const result = Payload.of(children.map((child) => child.outcome!.value));
  return flow.leave({ ...state, fallback: result, reads: { result: result.value } });
}

async function startIterations(flow: Flow, state: MapState): Promise<Flow[]> {
  const items = await flow.evaluating(() => itemsOf(flow, state));
  const iterations: Flow[] = [];
  for (const [index, item] of items.entries()) {
    const mapItem = { Index: index, Value: item };
    const selected = state.itemSelector ? await flow.evaluate(state.itemSelector, flow.bindings({ mapItem })) : item;
    const input = Payload.of(selected);
    checkSize(input, state.name);
    iterations.push(flow.inside(state.processor, input, mapItem));
  }
  flow.record('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  return iterations;
}

async function itemsOf(flow: Flow, { items }: MapState): Promise<Json[]> {
  if (items) return evaluateAs(items, flow.bindings(), 'array', isArray);
  const { value } = flow.position!.input;
  if (isArray(value)) return value;
  throw new EvaluationError(`Map state input must be an array but was: ${JSON.stringify(value)}`);
}

async function maxConcurrency(flow: Flow, { maxConcurrency: template }: MapState): Promise<number> {
  if (!template) return MAX_INLINE_CONCURRENCY;
  const given = await flow.evaluating(() => evaluateAs(template, flow.bindings(), 'number', isWholeNumber));
  return Math.min(given || MAX_INLINE_CONCURRENCY, MAX_INLINE_CONCURRENCY);
}
