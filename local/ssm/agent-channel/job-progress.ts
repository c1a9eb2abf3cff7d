import type { StepResult, StepStatus } from '../run-command/step-result';
import type { DocumentReply, StepReply } from './agent-jobs';

/** How a document ended, in the agent's words. */
export type DocumentEnd = 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';

const DOCUMENT_ENDS: readonly string[] = ['Success', 'Failed', 'TimedOut', 'Cancelled'] satisfies DocumentEnd[];
const STEP_ENDS: readonly string[] = [...DOCUMENT_ENDS, 'Skipped'];

/**
 * What is known of a document that a real agent runs. Its replies come by several threads at once and overtake each other, so an end
 * stays an end, of the document and of each step, whatever comes later; and the document's end may come before that of its last step.
 */
export class JobProgress {
  /** undefined while it runs. */
  end?: DocumentEnd;

  /** @param steps one for each step of the document, all Pending; filled in here */
  constructor(private readonly steps: StepResult[]) {}

  /** The end is known, and that of every step. */
  get isComplete(): boolean {
    return this.end !== undefined && this.steps.every(hasEnded);
  }

  /** @returns names of steps that the document does not have */
  merge(reply: DocumentReply, now: Date): string[] {
    if (DOCUMENT_ENDS.includes(reply.documentStatus)) this.end ??= reply.documentStatus as DocumentEnd;
    const told = Object.entries(reply.runtimeStatus);
    for (const [name, step] of told) {
      const result = this.steps.find((one) => one.name === name);
      if (result && !hasEnded(result)) Object.assign(result, stepResult(step, now));
    }
    return told.map(([name]) => name).filter((name) => !this.steps.some((step) => step.name === name));
  }
}

const hasEnded = ({ status }: StepResult) => STEP_ENDS.includes(status);

function stepResult(told: StepReply, now: Date): Omit<StepResult, 'name'> {
  const { status, code, output, standardOutput, standardError, startDateTime, endDateTime } = told;
  return {
    status: asStepStatus(status),
    code,
    stdout: standardOutput,
    stderr: standardError,
    output,
    startedAt: dateOr(startDateTime, now),
    ...(STEP_ENDS.includes(status) && { endedAt: dateOr(endDateTime, now) }),
  };
}

function asStepStatus(status: StepReply['status']): StepStatus {
  if (status === 'NotStarted') return 'Pending';
  return status === 'PassedAndReboot' ? 'SuccessAndReboot' : status;
}

/** The agent writes the year 1 where it has no time. */
function dateOr(text: string, now: Date): Date {
  const date = new Date(text);
  return date.getTime() > 0 ? date : now;
}
