import type { WaitState } from '../../definition/types';
import { EvaluationError } from '../../expressions/expression';
import { evaluateAs, isSeconds, isString } from '../../expressions/template';
import { isTimestamp } from '../../timestamp';
import type { Flow, Transition } from '../flow';

/** Waits on the clock, which may be moved. After a redrive it waits for the same time as before. */
export async function runWait(flow: Flow, state: WaitState): Promise<Transition> {
  const position = flow.position!;
  position.until ??= await endOf(flow, state);
  await flow.run.clock.sleepUntil(position.until, flow.signal).catch((reason: unknown) => {
    flow.throwIfAborted();
    throw reason;
  });
  return flow.leave({ ...state, fallback: position.input });
}

async function endOf(flow: Flow, { seconds, timestamp }: WaitState): Promise<Date> {
  const bindings = flow.bindings();
  if (seconds) {
    const duration = await flow.evaluating(() => evaluateAs(seconds, bindings, 'number', isSeconds));
    return new Date(flow.run.clock.now().getTime() + duration * 1000);
  }
  const text = await flow.evaluating(() => evaluateAs(timestamp!, bindings, 'string', isString));
  return flow.evaluating(async () => timeOf(text, timestamp!.location), { hasEntered: true });
}

function timeOf(text: string, location: string): Date {
  if (isTimestamp(text)) return new Date(text);
  throw new EvaluationError(
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    location,
  );
}
