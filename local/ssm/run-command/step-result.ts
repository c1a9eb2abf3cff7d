/** A step's state in the agent's words. */
export type StepStatus =
  'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled' | 'Skipped' | 'SuccessAndReboot';

export interface StepResult {
  name: string;
  status: StepStatus;
  /** -1 until the step has ended. */
  code: number;
  stdout: string;
  stderr: string;
  /** Both streams in 2,500 bytes, or why the step was skipped. */
  output: string;
  startedAt?: Date;
  endedAt?: Date;
}

export const pendingStep = (name: string): StepResult => ({
  name,
  status: 'Pending',
  code: -1,
  stdout: '',
  stderr: '',
  output: '',
});

/** The document's status by those of its steps. Skipped is a form of success. */
export function documentStatus(steps: StepResult[]): 'Failed' | 'TimedOut' | 'Cancelled' | 'Success' {
  for (const status of ['Failed', 'TimedOut', 'Cancelled'] as const) {
    if (steps.some((step) => step.status === status)) return status;
  }
  return 'Success';
}
