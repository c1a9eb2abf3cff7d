import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Scope, State } from '../definition/types';
import type { Bindings } from '../expressions/expression';
import { EvaluationError } from '../expressions/expression';
import type { Template } from '../expressions/template';
import { evaluateTemplate } from '../expressions/template';
import type { Json, JsonObject } from '../json';
import { Payload } from '../json';
import { checkSize } from '../limits';
import { Aborted, StatesError } from '../states-error';
import type { EventDetails } from './history';
import { NOT_TRUNCATED } from './history';
import type { Run } from './run';
import type { Variables } from './variables';

/** Where a flow stands. Kept after a failure, so that a redrive goes on from here. */
export interface Position {
  state: State;
  input: Payload;
  enteredId: number;
  /** The event before the one of entering. */
  previousId: number;
  enteredTime: Date;
  /** Attempts made by each retrier of the state. */
  attempts: number[];
  retryCount: number;
  /** Wait: when it is over. */
  until?: Date;
  /** Parallel and Map: the flows inside, in the order of branches or items. */
  children?: Flow[];
}

/** What a state came to: its output, and the state that follows (none: the scope ends). */
export interface Transition {
  output: Payload;
  next?: string;
}

/** Runs the state that the flow has entered. @throws StatesError, Aborted */
export type RunState = (flow: Flow, state: State) => Promise<Transition>;

export interface MapItem {
  Index: number;
  Value: Json;
}

/** How a state is left: with what, and what its templates read. */
export interface Leaving {
  /** The output where the definition gives no template. */
  fallback: Payload;
  reads?: { result?: Json; errorOutput?: JsonObject };
  output?: Template;
  assign?: Template;
  next?: string;
}

/** After this many states a flow lets timers and requests have their turn. */
const STATES_PER_TURN = 50;

/** Goes through the states of one scope, one after another: of the machine, of a Parallel branch or of a Map iteration. */
export class Flow {
  position?: Position;
  /** Set once the scope has been left. */
  outcome?: Payload;
  /** Id of this flow's latest event. */
  previous = 0;
  signal: AbortSignal = new AbortController().signal;
  private entered = 0;

  constructor(
    readonly run: Run,
    private readonly runState: RunState,
    readonly scope: Scope,
    private readonly input: Payload,
    public variables: Variables,
    readonly mapItem?: MapItem,
  ) {}

  /** A flow through a scope inside the current state. It sees this one's variables as they are now. */
  inside(scope: Scope, input: Payload, mapItem?: MapItem): Flow {
    return new Flow(this.run, this.runState, scope, input, this.variables, mapItem);
  }

  /**
   * Runs from the start, or goes on where an earlier attempt failed.
   * @throws StatesError when it failed; Aborted when the signal ended it.
   */
  async go(signal: AbortSignal, previous: number): Promise<Payload> {
    this.signal = signal;
    this.previous = previous;
    if (this.position) this.resume(this.position);
    else this.enter(this.scope.startAt, this.input);
    for (;;) {
      const { output, next } = await this.runState(this, this.position!.state);
      this.throwIfAborted();
      if (next === undefined) return (this.outcome = output);
      this.enter(next, output);
      if (++this.entered % STATES_PER_TURN === 0) await nextTurn();
    }
  }

  throwIfAborted(): void {
    if (this.signal.aborted) throw this.signal.reason instanceof Aborted ? this.signal.reason : new Aborted('stopped');
  }

  /** Adds an event after this flow's latest. */
  record(type: HistoryEventType, details?: EventDetails): void {
    this.throwIfAborted();
    this.previous = this.run.history.add(type, this.previous, details);
  }

  /** What expressions of the current state see. */
  bindings(reads: { result?: Json; errorOutput?: JsonObject; taskToken?: string; mapItem?: MapItem } = {}): Bindings {
    const { result, errorOutput, taskToken, mapItem = this.mapItem } = reads;
    const { state, input, enteredTime, retryCount } = this.position!;
    const context = {
      ...this.run.context,
      State: {
        Name: state.name,
        EnteredTime: enteredTime.toISOString(),
        ...('retriers' in state && { RetryCount: retryCount }),
      },
      ...(taskToken !== undefined && { Task: { Token: taskToken } }),
      ...(mapItem && { Map: { Item: mapItem } }),
    };
    const states = {
      input: input.value,
      context,
      ...(result !== undefined && { result }),
      ...(errorOutput !== undefined && { errorOutput }),
    };
    return { ...this.variables.values, states };
  }

  evaluate(template: Template, bindings: Bindings): Promise<Json> {
    return this.evaluating(() => evaluateTemplate(template, bindings));
  }

  /**
   * Turns an EvaluationError into the history event and the error that AWS makes of it.
   * @param hasEntered whether AWS does this after the step in which it enters the state.
   */
  async evaluating<T>(evaluation: () => Promise<T>, { hasEntered = false } = {}): Promise<T> {
    try {
      return await evaluation();
    } catch (thrown) {
      if (!(thrown instanceof EvaluationError)) throw thrown;
      const { state, enteredId, previousId, until } = this.position!;
      const reason = `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredId}). ${thrown.message}`;
      const failure = new StatesError('States.QueryEvaluationError', reason);
      // AWS enters a state and evaluates its first fields in one step: the event then follows the one before the state.
      if (this.previous === enteredId && !until && !hasEntered) this.previous = previousId;
      this.record('EvaluationFailed', {
        evaluationFailedEventDetails: {
          ...failure.details,
          ...(thrown.location !== undefined && { location: thrown.location }),
          state: state.name,
        },
      });
      throw failure;
    }
  }

  /** Evaluates Output and Assign (both see the old variables), records the exit and assigns. */
  async leave({ fallback, reads = {}, output: outputTemplate, assign, next }: Leaving): Promise<Transition> {
    const { state } = this.position!;
    const bindings = outputTemplate || assign ? this.bindings(reads) : {};
    const output = outputTemplate ? Payload.of(await this.evaluate(outputTemplate, bindings)) : fallback;
    checkSize(output, state.name);
    const assigned = assign ? ((await this.evaluate(assign, bindings)) as JsonObject) : undefined;
    const variables = assigned ? this.variables.with(assigned, state.name) : this.variables;
    this.record(`${state.type}StateExited` as HistoryEventType, {
      stateExitedEventDetails: {
        name: state.name,
        output: output.text,
        outputDetails: NOT_TRUNCATED,
        ...(assigned && { assignedVariables: asTexts(assigned), assignedVariablesDetails: NOT_TRUNCATED }),
      },
    });
    this.variables = variables;
    return { output, ...(next !== undefined && { next }) };
  }

  private enter(name: string, input: Payload): void {
    const state = this.scope.states.get(name)!;
    const previousId = this.previous;
    this.record(`${state.type}StateEntered` as HistoryEventType, {
      stateEnteredEventDetails: { name, input: input.text, inputDetails: NOT_TRUNCATED },
    });
    this.run.countTransition();
    this.position = {
      state,
      input,
      enteredId: this.previous,
      previousId,
      enteredTime: this.run.clock.now(),
      attempts: 'retriers' in state ? state.retriers.map(() => 0) : [],
      retryCount: 0,
    };
  }

  /** After a redrive: the state's retries begin anew; a Fail state is entered again. */
  private resume(position: Position): void {
    if (position.state.type === 'Fail') return this.enter(position.state.name, position.input);
    position.attempts.fill(0);
    position.retryCount = 0;
  }
}

function asTexts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
}
