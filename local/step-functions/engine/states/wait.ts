import type { WaitState } from '../../definition/types';
import { EvaluationError } from '../../expressions/expression';
import { evaluateAs, isSeconds, isString } from '../../expressions/template';
import type { Flow, Transition } from '../flow';

/** Waits on the clock, which may be moved. After a redrive it waits for the same time as before. */
export async function runWait(flow: Flow, state: WaitState): Promise<Transition> {
  const position = flow.position!;
  position.until ??= await flow.evaluating(() => endOf(flow, state));
  await flow.run.clock.sleepUntil(position.until, flow.signal).catch((reason: unknown) => {
    flow.throwIfAborted();
    throw reason;
  });
  return flow.leave({ ...state, fallback: position.input });
}

async function endOf(flow: Flow, { seconds, timestamp }: WaitState): Promise<Date> {
  const bindings = flow.bindings();
  if (seconds) {
    const duration = await evaluateAs(seconds, bindings, 'number', isSeconds);
    return new Date(flow.run.clock.now().getTime() + duration * 1000);
  }
  const text = await evaluateAs(timestamp!, bindings, 'string', isString);
  const until = new Date(text);
  if (Number.isNaN(until.getTime()))
    throw EvaluationError.wrongType(JSON.stringify(text), timestamp!.location, 'timestamp', text);
  return until;
}
