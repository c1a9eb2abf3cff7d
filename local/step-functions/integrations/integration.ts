import type { AwsDoor, Caller } from '../../aws/aws-call';
import type { Json } from '../json';

/** How a task goes on after its call has been answered. */
export type Pattern = 'request-response' | 'sync' | 'sync:2' | 'waitForTaskToken';

/** What a task's call may use. */
export interface CallContext {
  door: AwsDoor;
  /** The machine's role. */
  caller: Caller;
  executionArn: string;
  stateMachineArn: string;
  /** Resolves when the execution has ended, with what DescribeExecution then answers. */
  executionEnded(executionArn: string): Promise<Record<string, unknown>>;
}

/** What a task's call answered. */
export interface Submitted {
  output: Json;
  /** `.sync`: resolves with the task's result when the job has ended. @throws StatesError */
  completion?(): Promise<Json>;
  /** `.sync`: ends the job, because the task ended first. */
  cancel?(): Promise<void>;
}

/** One Task resource: a call to a service and how its answer is told. */
export interface Integration {
  /** As in history events: `invoke`, `sendCommand.waitForTaskToken`. */
  resource: string;
  /** As in history events: `lambda`, `aws-sdk:ssm`. */
  resourceType: string;
  pattern: Pattern;
  /** Notes what can be seen to be wrong without running: fields that the API does not have. `location` begins with / or is empty. */
  checkArguments(literal: Json, wrong: (location: string, message: string) => void): void;
  /** @throws StatesError States.Runtime for arguments that the API does not take. Nothing has been called yet. */
  prepare(given: Json, context: CallContext): () => Promise<Submitted>;
}
