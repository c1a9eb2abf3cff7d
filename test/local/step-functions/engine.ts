import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { AwsCall, AwsOutput } from '../../../local/aws/aws-call';
import { AwsError } from '../../../local/aws/aws-call';
import { Clock } from '../../../local/clock';
import type { BusEvent } from '../../../local/eventbridge/bus-event';
import { StepFunctions } from '../../../local/step-functions/step-functions';

/** JSON that only the test at hand knows the shape of. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

export const ROLE = 'arn:aws:iam::000000000000:role/machine';

export type Services = Record<string, (input: Record<string, Loose>, call: AwsCall) => AwsOutput | Promise<AwsOutput>>;
export type Definition = Record<string, unknown>;

export interface Described {
  executionArn: string;
  status: string;
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
  redriveStatus: string;
  [more: string]: unknown;
}

/** The engine with services that a test gives it; a call to Step Functions itself goes to the engine. */
export class Engine {
  readonly calls: AwsCall[] = [];
  readonly emitted: BusEvent[] = [];
  transitions = 0;
  readonly stepFunctions: StepFunctions;
  private made = 0;

  constructor(
    services: Services = {},
    readonly clock: Clock = new Clock(),
  ) {
    const call = async (call: AwsCall) => {
      this.calls.push(call);
      const service = services[`${call.service}:${call.action}`];
      if (service) return service(call.input, call);
      const action = call.service === 'states' ? this.stepFunctions.service.actions[call.action] : undefined;
      if (!action) throw new AwsError('UnknownOperationException', `The test has no ${call.service}:${call.action}.`);
      return action.run(call.input, call.caller);
    };
    this.stepFunctions = new StepFunctions({
      door: { call },
      clock: this.clock,
      emit: (event) => this.emitted.push(event),
      countTransition: () => this.transitions++,
    });
  }

  api(action: string, input: Record<string, unknown>): Promise<Loose> {
    return this.stepFunctions.service.actions[action]!.run(input, { principal: 'user' });
  }

  /** A state machine with these states; `StartAt` is the first of them. */
  create(states: Definition, more: Definition = {}): Promise<string> {
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: Object.keys(states)[0],
      States: states,
      ...more,
    });
    return this.stepFunctions.createFromTemplate({ name: `machine-${++this.made}`, definition, roleArn: ROLE });
  }

  async start(stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> {
    const { executionArn } = await this.api('StartExecution', {
      stateMachineArn,
      input: JSON.stringify(input),
      ...(name !== undefined && { name }),
    });
    return executionArn;
  }

  describe(executionArn: string): Promise<Described> {
    return this.api('DescribeExecution', { executionArn });
  }

  async end(executionArn: string): Promise<Described> {
    return until(async () => {
      const described = await this.describe(executionArn);
      return described.status === 'RUNNING' ? undefined : described;
    });
  }

  /** Runs states to their end. */
  async run(states: Definition, input: unknown = {}, more: Definition = {}): Promise<Ran> {
    const executionArn = await this.start(await this.create(states, more), input);
    const described = await this.end(executionArn);
    return {
      ...described,
      events: await this.events(executionArn),
      result: described.output && JSON.parse(described.output),
    };
  }

  async events(executionArn: string): Promise<HistoryEvent[]> {
    return (await this.api('GetExecutionHistory', { executionArn, maxResults: 1000 })).events;
  }
}

export interface Ran extends Described {
  events: HistoryEvent[];
  result: Loose;
}

/** Polls in real time; fails after two minutes. */
export async function until<T>(probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + 120_000; ;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('It did not come to pass within two minutes.');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A history as lines `id previousEventId type`. */
export const lines = (events: HistoryEvent[]) =>
  events.map(({ id, previousEventId, type }) => `${id} ${previousEventId} ${type}`);

export const eventOf = (events: HistoryEvent[], type: string) => events.find((event) => event.type === type)!;

export const LAMBDA = 'arn:aws:states:::lambda:invoke';

/** Lambda functions by name: what each answers to its payload. A thrown error is the function's. */
export function lambdas(functions: Record<string, (payload: Loose) => unknown>): Services {
  return {
    'lambda:Invoke': async ({ FunctionName, Payload }) => {
      const payload: unknown = Payload === undefined ? undefined : JSON.parse(Buffer.from(Payload).toString());
      try {
        const answer = await functions[FunctionName]!(payload);
        return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: Buffer.from(JSON.stringify(answer ?? null)) };
      } catch (error) {
        const { name, message } = error as Error;
        const text = JSON.stringify({ errorType: name, errorMessage: message, trace: [] });
        return { StatusCode: 200, ExecutedVersion: '$LATEST', FunctionError: 'Unhandled', Payload: Buffer.from(text) };
      }
    },
  };
}

export function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
