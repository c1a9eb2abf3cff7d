import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import type { Caller } from '../../aws/aws-call';
import { ACCOUNT, REGION } from '../../aws/aws-call';
import type { BusEvent } from '../../eventbridge/bus-event';
import type { Definition } from '../definition/types';
import type { Json, JsonObject } from '../json';
import type { Payload } from '../json';
import { MAX_HISTORY_EVENTS } from '../limits';
import { Aborted, StatesError } from '../states-error';
import type { Surroundings } from './surroundings';
import { Flow } from './flow';
import { History, NOT_TRUNCATED } from './history';
import type { Run } from './run';
import { runState } from './states/run-state';
import { Variables } from './variables';

/** The state machine as it was when the execution started: later updates do not touch it, nor its redrives. */
export interface MachineSnapshot {
  arn: string;
  name: string;
  roleArn: string;
  /** Under whose rights its tasks call services. */
  principal: Caller['principal'];
  definitionText: string;
  definition: Definition;
  updateDate: Date;
}

/** One execution of a Standard workflow. */
export class Execution {
  readonly arn: string;
  readonly history: History;
  status: ExecutionStatus = 'RUNNING';
  readonly startDate: Date;
  stopDate?: Date;
  output?: Payload;
  failure?: { error?: string; cause?: string };
  redriveCount = 0;
  redriveDate?: Date;
  private readonly root: Flow;
  private readonly run: Run;
  private stopper = new AbortController();
  private endLimit?: () => void;
  private ending!: Promise<void>;
  /** The work of all attempts: a redrive begins when the attempt before has let go. */
  private following = Promise.resolve();
  private tellEnd!: () => void;

  constructor(
    readonly machine: MachineSnapshot,
    readonly name: string,
    readonly input: Payload,
    private readonly around: Surroundings,
  ) {
    const { clock } = around;
    this.arn = `arn:aws:states:${REGION}:${ACCOUNT}:execution:${machine.name}:${name}`;
    this.startDate = clock.now();
    this.history = new History(clock);
    this.run = {
      history: this.history,
      clock,
      tokens: around.tokens,
      region: REGION,
      context: this.context(),
      countTransition: around.countTransition,
      calls: {
        door: around.door,
        caller: { principal: machine.principal },
        executionArn: this.arn,
        stateMachineArn: machine.arn,
        executionEnded: around.executionEnded,
      },
    };
    this.root = new Flow(this.run, runState, machine.definition.scope, input, Variables.none);
  }

  start(): void {
    this.history.add('ExecutionStarted', 0, {
      executionStartedEventDetails: {
        input: this.input.text,
        inputDetails: NOT_TRUNCATED,
        roleArn: this.machine.roleArn,
      },
    });
    // The first state's event follows none: AWS gives it the previous id 0.
    this.go(0);
  }

  /** Why the execution cannot be redriven now; undefined when it can. In AWS's words. */
  get notRedrivable(): string | undefined {
    if (this.status === 'RUNNING' || this.status === 'SUCCEEDED')
      return `Execution is ${this.status} and cannot be redriven`;
    return this.history.lastId >= MAX_HISTORY_EVENTS - 1 ? 'Execution history event limit exceeded' : undefined;
  }

  /** Goes on from the states that did not succeed. Only for an execution that is redrivable. */
  redrive(): Date {
    this.redriveCount++;
    this.redriveDate = this.around.clock.now();
    this.status = 'RUNNING';
    delete this.stopDate;
    delete this.failure;
    this.stopper = new AbortController();
    this.run.context = this.context();
    const id = this.history.add('ExecutionRedriven', this.history.lastId, {
      executionRedrivenEventDetails: { redriveCount: this.redriveCount },
    });
    this.go(id);
    return this.redriveDate;
  }

  /** StopExecution. @returns the time of its end; an execution that has ended stays as it is. */
  stop(details: { error?: string; cause?: string }): Date {
    if (this.status === 'RUNNING') {
      this.history.end('ExecutionAborted', 0, { executionAbortedEventDetails: details });
      this.end('ABORTED', { failure: details }, 'stopped');
    }
    return this.stopDate!;
  }

  /** Ends everything at once and tells nobody: the local AWS is closing. */
  async shutDown(): Promise<void> {
    if (this.status === 'RUNNING') {
      this.status = 'ABORTED';
      this.stopDate = this.around.clock.now();
      this.endLimit?.();
      this.stopper.abort(new Aborted('shut-down'));
    }
    await this.following;
  }

  /** Resolves when the execution is not running any more. */
  async ended(): Promise<void> {
    await this.ending;
  }

  private go(previous: number): void {
    this.ending = new Promise((resolve) => (this.tellEnd = resolve));
    this.around.countTransition();
    this.tell();
    const { timeoutSeconds } = this.machine.definition;
    if (timeoutSeconds !== undefined)
      this.endLimit = this.around.clock.limit(timeoutSeconds * 1000, () => this.timeOut());
    // Not before the answer to StartExecution is on its way.
    this.following = this.following.then(() => nextTurn()).then(() => this.follow(previous));
  }

  private async follow(previous: number): Promise<void> {
    try {
      const output = await this.root.go(this.stopper.signal, previous);
      this.history.end('ExecutionSucceeded', this.root.previous, {
        executionSucceededEventDetails: { output: output.text, outputDetails: NOT_TRUNCATED },
      });
      this.end('SUCCEEDED', { output });
    } catch (thrown) {
      // Whoever ended it from outside has said so.
      if (thrown instanceof Aborted) return;
      const { details } = StatesError.from(thrown);
      this.history.end('ExecutionFailed', this.root.previous, { executionFailedEventDetails: details });
      this.end('FAILED', { failure: details });
    }
  }

  private timeOut(): void {
    this.history.end('ExecutionTimedOut', 0, { executionTimedOutEventDetails: {} });
    this.end('TIMED_OUT', { failure: {} }, 'timed-out');
  }

  private end(status: ExecutionStatus, result: Pick<Execution, 'output' | 'failure'>, why?: Aborted['why']): void {
    this.status = status;
    this.stopDate = this.around.clock.now();
    Object.assign(this, result);
    this.endLimit?.();
    if (why) this.stopper.abort(new Aborted(why));
    this.tellEnd();
    this.tell();
  }

  /** Execution and StateMachine of the context object. */
  private context(): JsonObject {
    const { machine, redriveDate } = this;
    return {
      Execution: {
        Id: this.arn,
        Input: this.input.value,
        Name: this.name,
        RoleArn: machine.roleArn,
        StartTime: this.startDate.toISOString(),
        RedriveCount: this.redriveCount,
        ...(redriveDate && { RedriveTime: redriveDate.toISOString() }),
      },
      StateMachine: { Id: machine.arn, Name: machine.name },
    };
  }

  /** `Step Functions Execution Status Change`, for the default event bus. */
  private tell(): void {
    const included = (payload: Payload | undefined): Json => (payload ? { included: true } : null);
    const event: BusEvent = {
      id: randomUUID(),
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      account: ACCOUNT,
      region: REGION,
      time: this.around.clock.now().toISOString(),
      resources: [this.arn],
      detail: {
        executionArn: this.arn,
        stateMachineArn: this.machine.arn,
        name: this.name,
        status: this.status,
        startDate: this.startDate.getTime(),
        stopDate: this.stopDate?.getTime() ?? null,
        input: this.input.text,
        output: this.output?.text ?? null,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: this.redriveCount,
        redriveDate: this.redriveDate?.getTime() ?? null,
        redriveStatus: this.notRedrivable === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
        redriveStatusReason: this.notRedrivable ?? null,
        inputDetails: included(this.input),
        outputDetails: included(this.output),
        error: this.failure?.error ?? null,
        cause: this.failure?.cause ?? null,
      },
    };
    this.around.emit(event);
  }
}
