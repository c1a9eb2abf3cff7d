/** What the process ends with: docs/cli.md tells it to people who write scripts. */
export const EXIT = {
  done: 0,
  /** The operation failed, was stopped or ran out of time; or an unexpected error occurred. */
  failed: 1,
  /** Unknown command or option, missing argument. */
  usage: 2,
  /** The API refused the request: unknown cluster, invalid options, a conflict. */
  refused: 3,
  /** No credentials, or they may not do this. */
  forbidden: 4,
  /** The API does not answer, or there is none. */
  unreachable: 5,
  /** The answer is no: the plan refuses, the doctor found something that has failed. */
  no: 6,
  /** Asked, and not confirmed. */
  declined: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with one sentence. */
export class CliError extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** What to do, another sentence. */
    readonly whatToDo?: string,
    /** The API's own error, for --json. */
    readonly error = 'Error',
  ) {
    super(message);
  }
}
