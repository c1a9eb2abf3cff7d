import type { ParallelState } from '../../definition/types';
import { Payload } from '../../json';
import { checkSize } from '../../limits';
import { runChildren } from '../children';
import type { Flow, Transition } from '../flow';
import { withRetryAndCatch } from '../retry-and-catch';

/** All branches at once, each with the same input; the result is the list of their outputs. */
export function runParallel(flow: Flow, state: ParallelState): Promise<Transition> {
  return withRetryAndCatch(
    flow,
    state,
    () => attempt(flow, state),
    () => {
      flow.previous = flow.run.history.addIfRoom('ParallelStateFailed', flow.previous);
    },
  );
}

async function attempt(flow: Flow, state: ParallelState): Promise<Transition> {
  const position = flow.position!;
  if (!position.children) {
    const input = state.arguments ? Payload.of(await flow.evaluate(state.arguments, flow.bindings())) : position.input;
    checkSize(input, state.name);
    position.children = state.branches.map((branch) => flow.inside(branch, input));
    flow.record('ParallelStateStarted');
  }
  const { children } = position;
  await runChildren(flow, children, children.length, {});
  const last = flow.previous;
  flow.record('ParallelStateSucceeded');
  // AWS lets both events follow the last one inside the branches.
  flow.previous = last;
  const result = Payload.of(children.map((child) => child.outcome!.value));
  return flow.leave({ ...state, fallback: result, reads: { result: result.value } });
}
