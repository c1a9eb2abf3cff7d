import { EXIT, RESULT_MARKER } from '../../../lambdas/contracts/run-on-nodes';
import type { ScriptOutcome } from '../node';

const line = (result: object): string => `${RESULT_MARKER}${JSON.stringify(result)}\n`;

/** The script ended well with this result. @param log lines of its log, `[step] text` */
export const done = (result: object, log: string[] = []): ScriptOutcome => ({
  exitCode: EXIT.done,
  stdout: line(result),
  stderr: log.map((text) => `00:00:00 ${text}\n`).join(''),
  ended: 'exit',
});

const EXIT_CODES = { failed: EXIT.failed, refused: EXIT.refused, busy: EXIT.busy, 'timed-out': EXIT.timedOut };

/** The script says what went wrong in one of its steps. */
export const failure = (
  step: string,
  message: string,
  error: keyof typeof EXIT_CODES = 'failed',
  log: string[] = [],
): ScriptOutcome => ({
  ...done({ error, step, message, ...(log.length && { logTail: log.join('\n') }) }, log),
  exitCode: EXIT_CODES[error],
});

/** The agent killed it at its time limit. */
export const timeLimit = (): ScriptOutcome => ({ exitCode: 137, stdout: '', stderr: '', ended: 'time-limit' });

/** The node went off under it, or its agent crashed: how it ended is not reported. */
export const lost = (): ScriptOutcome => ({ exitCode: 137, stdout: '', stderr: '', ended: 'power-off' });

/** It ended with 0 and a result that no script prints: lists in lists, so many levels deep. */
export const nested = (levels: number): ScriptOutcome => ({
  ...silence(),
  stdout: `${RESULT_MARKER}{"a":${'['.repeat(levels)}${']'.repeat(levels)}}\n`,
});

/** It ended with 0 and without a result line. */
export const silence = (): ScriptOutcome => ({ exitCode: EXIT.done, stdout: '', stderr: '', ended: 'exit' });
