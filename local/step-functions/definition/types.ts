import type { Template } from '../expressions/template';
import type { Integration } from '../integrations/integration';

/** A state machine, ready to run: expressions compiled, names checked. */
export interface Definition {
  /** Real seconds for one execution (after a redrive they start anew). */
  timeoutSeconds?: number;
  scope: Scope;
}

/** States that share variables: of the machine itself, of one Parallel branch or of one Map iteration. */
export interface Scope {
  startAt: string;
  states: ReadonlyMap<string, State>;
}

interface Common {
  name: string;
  output?: Template;
  assign?: Template;
  /** Absent where the state ends its scope. */
  next?: string;
}

export interface PassState extends Common {
  type: 'Pass';
}

export interface WaitState extends Common {
  type: 'Wait';
  /** One of the two. */
  seconds?: Template;
  timestamp?: Template;
}

export interface SucceedState extends Common {
  type: 'Succeed';
}

export interface FailState extends Common {
  type: 'Fail';
  error?: Template;
  reason?: Template;
}

export interface ChoiceRule {
  condition: Template;
  next: string;
  output?: Template;
  assign?: Template;
}

/** `output` and `assign` of the state itself belong to the default. */
export interface ChoiceState extends Common {
  type: 'Choice';
  rules: ChoiceRule[];
  defaultNext?: string;
}

export interface Retrier {
  errorEquals: string[];
  intervalSeconds: number;
  maxAttempts: number;
  backoffRate: number;
  maxDelaySeconds?: number;
  fullJitter: boolean;
}

export interface Catcher {
  errorEquals: string[];
  next: string;
  output?: Template;
  assign?: Template;
}

interface Failable extends Common {
  retriers: Retrier[];
  catchers: Catcher[];
}

export interface TaskState extends Failable {
  type: 'Task';
  integration: Integration;
  arguments?: Template;
  timeoutSeconds?: Template;
  heartbeatSeconds?: Template;
}

export interface ParallelState extends Failable {
  type: 'Parallel';
  arguments?: Template;
  branches: Scope[];
}

export interface MapState extends Failable {
  type: 'Map';
  items?: Template;
  itemSelector?: Template;
  maxConcurrency?: Template;
  processor: Scope;
}

export type State =
  PassState | WaitState | SucceedState | FailState | ChoiceState | TaskState | ParallelState | MapState;
export type FailableState = TaskState | ParallelState | MapState;
