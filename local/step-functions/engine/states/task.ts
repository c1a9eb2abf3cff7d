import type { TaskState } from '../../definition/types';
import type { Bindings } from '../../expressions/expression';
import type { Template } from '../../expressions/template';
import { evaluateAs, isSeconds } from '../../expressions/template';
import type { Submitted } from '../../integrations/integration';
import type { Json } from '../../json';
import { Payload } from '../../json';
import { checkSize } from '../../limits';
import { Aborted, StatesError } from '../../states-error';
import type { Flow, Transition } from '../flow';
import { NOT_TRUNCATED } from '../history';
import { withRetryAndCatch } from '../retry-and-catch';
import { TaskLimits } from '../task-limits';

export function runTask(flow: Flow, state: TaskState): Promise<Transition> {
  return withRetryAndCatch(flow, state, async () => {
    const result = await new Attempt(flow, state).run();
    return flow.leave({ ...state, fallback: result, reads: { result: result.value } });
  });
}

/** One attempt of a task: scheduled, started, submitted where it waits for more than the answer, and ended. */
class Attempt {
  private readonly about: { resource: string; resourceType: string };
  private limits?: TaskLimits;
  private token?: string;
  private submitted?: Submitted;
  private tellCallback!: (output: Json) => void;
  private failCallback!: (failure: StatesError) => void;
  private readonly callback = new Promise<Json>((resolve, reject) => {
    this.tellCallback = resolve;
    this.failCallback = reject;
  });

  constructor(
    private readonly flow: Flow,
    private readonly state: TaskState,
  ) {
    const { resource, resourceType } = state.integration;
    this.about = { resource, resourceType };
    // A token may be answered before the call that took it along has been.
    this.callback.catch(() => undefined);
  }

  async run(): Promise<Payload> {
    try {
      const call = await this.schedule();
      return await this.follow(call);
    } finally {
      this.limits?.dispose();
      if (this.token !== undefined) this.flow.run.tokens.close(this.token);
    }
  }

  /** Evaluates the fields, checks what can be checked without calling, and records TaskScheduled. */
  private async schedule(): Promise<() => Promise<Submitted>> {
    const { flow, state } = this;
    if (state.integration.pattern === 'waitForTaskToken') this.token = this.issueToken();
    const bindings = flow.bindings(this.token === undefined ? {} : { taskToken: this.token });
    const timeoutInSeconds = await this.seconds(state.timeoutSeconds, bindings);
    const heartbeatInSeconds = await this.seconds(state.heartbeatSeconds, bindings);
    const given = Payload.of(state.arguments ? await flow.evaluate(state.arguments, bindings) : {});
    checkSize(given, state.name);
    const call = state.integration.prepare(given.value, flow.run.calls);
    flow.record('TaskScheduled', {
      taskScheduledEventDetails: {
        ...this.about,
        region: flow.run.region,
        parameters: given.text,
        ...(timeoutInSeconds !== undefined && { timeoutInSeconds }),
        ...(heartbeatInSeconds !== undefined && { heartbeatInSeconds }),
      },
    });
    this.limits = new TaskLimits(flow.run.clock, flow.signal, timeoutInSeconds, heartbeatInSeconds);
    flow.record('TaskStarted', { taskStartedEventDetails: this.about });
    return call;
  }

  private async follow(call: () => Promise<Submitted>): Promise<Payload> {
    const { flow, about } = this;
    try {
      const result = Payload.of(await this.result(call));
      checkSize(result, about.resourceType);
      flow.record('TaskSucceeded', {
        taskSucceededEventDetails: { ...about, output: result.text, outputDetails: NOT_TRUNCATED },
      });
      return result;
    } catch (thrown) {
      if (thrown instanceof Aborted || this.endedByLimit(thrown))
        void this.submitted?.cancel?.().catch(() => undefined);
      if (thrown instanceof Aborted) throw thrown;
      const failure = StatesError.from(thrown);
      const type = this.endedByLimit(thrown) ? 'TaskTimedOut' : 'TaskFailed';
      const details = { ...about, ...failure.details };
      flow.record(
        type,
        type === 'TaskFailed' ? { taskFailedEventDetails: details } : { taskTimedOutEventDetails: details },
      );
      throw failure;
    }
  }

  private async result(call: () => Promise<Submitted>): Promise<Json> {
    const limits = this.limits!;
    this.submitted = await limits.within(call());
    const { output, completion } = this.submitted;
    const rest = this.token !== undefined ? this.callback : completion?.();
    if (!rest) return output;
    this.flow.record('TaskSubmitted', {
      taskSubmittedEventDetails: { ...this.about, output: JSON.stringify(output), outputDetails: NOT_TRUNCATED },
    });
    return limits.within(rest);
  }

  private issueToken(): string {
    return this.flow.run.tokens.issue({
      stateMachineArn: this.flow.run.calls.stateMachineArn,
      succeed: this.tellCallback,
      fail: this.failCallback,
      heartbeat: () => this.limits?.heartbeat(),
    });
  }

  private endedByLimit(thrown: unknown): boolean {
    return thrown instanceof StatesError && thrown.error === 'States.Timeout' && thrown.reason === undefined;
  }

  private seconds(template: Template | undefined, bindings: Bindings): Promise<number> | undefined {
    return template && this.flow.evaluating(() => evaluateAs(template, bindings, 'number', isSeconds));
  }
}
