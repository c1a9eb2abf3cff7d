import { randomUUID } from 'node:crypto';
import type { Node } from '../../nodes/node';
import type { DocumentVersion } from '../documents/document-store';
import type { ParameterValue } from '../documents/document-parameter';
import { STATUS, type InvocationDetails, type InvocationStatus } from './invocation-status';
import { stepSeconds } from './run-step';
import { pendingStep, type StepResult } from './step-result';

export interface CommandRequest {
  document: DocumentVersion;
  requestedVersion: string;
  values: Record<string, ParameterValue>;
  /** As SendCommand got them. */
  parameters: Record<string, string[]>;
  comment: string;
  instanceIds: string[];
  targets: { Key: string; Values: string[] }[];
  timeoutSeconds: number;
  maxConcurrency: string;
  maxErrors: string;
  nodes: Node[];
  requestedAt: Date;
}

export type CommandDetails = InvocationDetails | 'Incomplete' | 'NoInstancesInTag';

/** One SendCommand and its invocations. */
export class Command {
  readonly id = randomUUID();
  readonly document: DocumentVersion;
  readonly invocations: Invocation[];
  /** When it is no longer delivered to a node that has not begun it. */
  readonly deliverBefore: Date;
  /** When the service gives up on answers: delivery and all steps' limits. */
  readonly expiresAfter: Date;
  private cancelRequested = false;

  constructor(
    readonly request: CommandRequest,
    private readonly onChange: (changed: Command | Invocation) => void,
  ) {
    this.document = request.document;
    this.invocations = request.nodes.map((node) => new Invocation(this, node));
    const { timeoutSeconds, requestedAt, values } = request;
    this.deliverBefore = new Date(requestedAt.getTime() + timeoutSeconds * 1000);
    const running = this.document.document.mainSteps.reduce((sum, step) => sum + stepSeconds(step, values), 0);
    this.expiresAfter = new Date(this.deliverBefore.getTime() + running * 1000);
  }

  private lastDetails: CommandDetails = 'Pending';

  invocationChanged(invocation: Invocation): void {
    this.onChange(invocation);
    if (this.details !== this.lastDetails) {
      this.lastDetails = this.details;
      this.onChange(this);
    }
  }

  cancel(instanceIds: string[]): void {
    const chosen = this.invocations.filter(({ node }) => !instanceIds.length || instanceIds.includes(node.instanceId));
    this.cancelRequested ||= chosen.some(({ isOver }) => !isOver);
    for (const invocation of chosen) invocation.cancel();
  }

  get isOver(): boolean {
    return this.invocations.every(({ isOver }) => isOver);
  }

  /** Failed and Execution Timed Out; what never reached a node does not count. */
  get errors(): number {
    return this.count('Failed', 'Execution Timed Out');
  }

  get completed(): number {
    return this.invocations.filter(({ isOver }) => isOver).length;
  }

  get deliveryTimedOut(): number {
    return this.count('Delivery Timed Out');
  }

  get mayGoOn(): boolean {
    return this.errors <= share(this.request.maxErrors, this.invocations.length);
  }

  /** How many nodes may have it at the same time. */
  get concurrency(): number {
    return Math.max(1, share(this.request.maxConcurrency, this.invocations.length));
  }

  get details(): CommandDetails {
    const { invocations } = this;
    if (!invocations.length) return 'NoInstancesInTag';
    if (!this.isOver) {
      if (this.cancelRequested) return 'Cancelling';
      return invocations.every(({ details }) => details === 'Pending') ? 'Pending' : 'InProgress';
    }
    const [first] = invocations;
    if (invocations.every(({ details }) => details === first!.details)) return first!.details;
    if (this.cancelRequested && this.count('Cancelled')) return 'Cancelled';
    return this.mayGoOn ? 'Incomplete' : 'Failed';
  }

  get status(): InvocationStatus {
    const { details } = this;
    if (details === 'NoInstancesInTag') return 'Success';
    if (details === 'Incomplete') return this.deliveryTimedOut ? 'TimedOut' : 'Failed';
    return (
      this.invocations.find((invocation) => invocation.details === details)?.status ?? (details as InvocationStatus)
    );
  }

  private count(...details: InvocationDetails[]): number {
    return this.invocations.filter((invocation) => details.includes(invocation.details)).length;
  }
}

/** `10` or `20%` of the targets. */
function share(amount: string, targets: number): number {
  return amount.endsWith('%') ? Math.floor((targets * Number(amount.slice(0, -1))) / 100) : Number(amount);
}

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
