import type { Node } from '../../nodes/node';
import type { Command } from './command';
import { pendingStep, type StepResult } from './step-result';

export type InvocationStatus =
  'Pending' | 'InProgress' | 'Success' | 'Cancelled' | 'Cancelling' | 'TimedOut' | 'Failed';
/** StatusDetails, as the API's reference writes them. */
export type InvocationDetails =
  Exclude<InvocationStatus, 'TimedOut'> | 'Delivery Timed Out' | 'Execution Timed Out' | 'Undeliverable' | 'Terminated';

const STATUS: Record<InvocationDetails, InvocationStatus> = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Success: 'Success',
  Cancelling: 'Cancelling',
  Cancelled: 'Cancelled',
  Failed: 'Failed',
  'Delivery Timed Out': 'TimedOut',
  'Execution Timed Out': 'TimedOut',
  // The reference does not say which status these two have.
  Undeliverable: 'Failed',
  Terminated: 'Cancelled',
};

/** A command on one node. */
export class Invocation {
  details: InvocationDetails = 'Pending';
  readonly steps: StepResult[];
  private readonly cancelling = new AbortController();

  constructor(
    readonly command: Command,
    readonly node: Node,
  ) {
    this.steps = command.document.document.mainSteps.map(({ name }) => pendingStep(name));
  }

  get status(): InvocationStatus {
    return STATUS[this.details];
  }

  get isOver(): boolean {
    return !['Pending', 'InProgress', 'Cancelling'].includes(this.status);
  }

  /** Aborted once CancelCommand asked for its end. */
  get cancelled(): AbortSignal {
    return this.cancelling.signal;
  }

  /** A terminal state stays. */
  become(details: InvocationDetails): void {
    if (this.isOver || details === this.details) return;
    this.details = details;
    this.command.invocationChanged(this);
  }

  cancel(): void {
    if (this.isOver || this.cancelling.signal.aborted) return;
    this.become('Cancelling');
    this.cancelling.abort();
  }

  /** Ends its script without a word to anybody: the local AWS stops. */
  abandon(): void {
    this.cancelling.abort();
  }
}
