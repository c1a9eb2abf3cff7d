import type { HistoryEventType } from '@aws-sdk/client-sfn';
import { Aborted, StatesError } from '../states-error';
import type { Flow } from './flow';

/** What Parallel and Map tell of their flows. `previous` of the child is its last event. */
export interface Telling {
  /** @returns the id of the event told. */
  started?(index: number, previous: number): number;
  succeeded?(index: number, child: Flow): number;
  failed?(index: number, previous: number): void;
  aborted?(index: number, previous: number): void;
}

const CAN_BE_ABORTED = ['Task', 'Wait', 'Map', 'Parallel'];

/**
 * Runs the flows inside a Parallel or Map state, at most `concurrency` at a time, leaving out those that an earlier attempt has
 * finished. The first failure ends the others.
 * @throws the first failure, with `parent.previous` at the event that told it; Aborted when the parent was ended.
 */
export async function runChildren(
  parent: Flow,
  children: Flow[],
  concurrency: number,
  telling: Telling,
): Promise<void> {
  const family = new Family(parent, children, telling);
  try {
    await family.run(concurrency);
  } finally {
    family.dispose();
  }
}

class Family {
  private readonly stop = new AbortController();
  private readonly pending: number[];
  private readonly running = new Set<Promise<void>>();
  private readonly startedAlready = new Set<number>();
  private failure?: { index: number; error: StatesError };
  private lastEvent: number;

  constructor(
    private readonly parent: Flow,
    private readonly children: Flow[],
    private readonly telling: Telling,
  ) {
    this.pending = children.flatMap((child, index) => (child.outcome ? [] : [index]));
    this.lastEvent = parent.previous;
    parent.signal.addEventListener('abort', this.parentAborted);
    if (parent.signal.aborted) this.parentAborted();
  }

  async run(concurrency: number): Promise<void> {
    const start = this.parent.previous;
    const first = this.pending
      .splice(0, concurrency)
      .map((index): [number, number] => [index, this.tellStarted(index, start)]);
    for (const [index, previous] of first) this.launch(index, previous);
    while (this.running.size) await Promise.race(this.running);

    this.parent.throwIfAborted();
    if (this.failure) this.tellFailure(this.failure.index);
    if (this.failure) throw this.failure.error;
    this.parent.previous = this.lastEvent;
  }

  dispose(): void {
    this.parent.signal.removeEventListener('abort', this.parentAborted);
  }

  private readonly parentAborted = () => this.stop.abort(this.parent.signal.reason);

  private launch(index: number, previous: number): void {
    const running = this.runChild(index, previous).finally(() => this.running.delete(running));
    this.running.add(running);
  }

  private async runChild(index: number, previous: number): Promise<void> {
    const child = this.children[index]!;
    try {
      await child.go(this.stop.signal, previous);
      if (this.parent.signal.aborted) return;
      // Map goes on from MapIterationSucceeded, the next iteration from the last event inside this one.
      this.lastEvent = this.telling.succeeded?.(index, child) ?? child.previous;
      if (this.stop.signal.aborted) return;
      const next = this.pending.shift();
      if (next !== undefined) this.launch(next, this.tellStarted(next, child.previous));
    } catch (thrown) {
      if (thrown instanceof Aborted || this.failure) return;
      this.failure = { index, error: StatesError.from(thrown) };
      this.stop.abort(new Aborted('sibling-failed'));
    }
  }

  private tellStarted(index: number, previous: number): number {
    this.startedAlready.add(index);
    return this.telling.started?.(index, previous) ?? previous;
  }

  /** As AWS orders it: for each flow that has not ended its own end, then that of the state it was in, all after the failing event. */
  private tellFailure(failed: number): void {
    const cause = this.children[failed]!.previous;
    this.children.forEach((child, index) => {
      if (child.outcome || !this.startedAlready.has(index)) return;
      if (index === failed) this.telling.failed?.(index, cause);
      else this.telling.aborted?.(index, cause);
      tellAborted(child, cause, index !== failed);
    });
    this.parent.previous = cause;
  }
}

/** @param within whether flows inside are still to be told: those of a state that failed by itself have been. */
function tellAborted(flow: Flow, previous: number, within: boolean): void {
  const { state, children = [] } = flow.position ?? {};
  if (!state || !CAN_BE_ABORTED.includes(state.type)) return;
  const { history } = flow.run;
  for (const [index, child] of within ? children.entries() : []) {
    if (child.outcome || !child.position) continue;
    if (state.type === 'Map')
      history.addIfRoom('MapIterationAborted', previous, {
        mapIterationAbortedEventDetails: { name: state.name, index },
      });
    tellAborted(child, previous, true);
  }
  history.addIfRoom(`${state.type}StateAborted` as HistoryEventType, previous);
}
