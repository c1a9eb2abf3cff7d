/** How one run of a scenario ended. */
export interface Attempt {
  seconds: number;
  /** What failed first, in one line; absent when everything passed. */
  failure?: string;
}

export type Verdict = 'PASSED' | 'FLAKY' | 'FAILED';

/** What fails once is run once more. */
export const isToBeRunAgain = (attempts: Attempt[]): boolean =>
  attempts.length === 1 && attempts[0]!.failure !== undefined;

/** FLAKY: it failed, and passed when it was run once more. */
export function verdictOf(attempts: Attempt[]): Verdict {
  if (attempts.length === 0 || attempts.at(-1)!.failure !== undefined) return 'FAILED';
  return attempts.length === 1 ? 'PASSED' : 'FLAKY';
}

/** The last lines of a run, one for each scenario: those that passed, then the flaky ones, then those that failed. */
export function closingLines(results: Map<string, Attempt[]>): string[] {
  const line = (verdict: Verdict, name: string, attempts: Attempt[]): string => {
    const took = attempts.map(({ seconds }) => `${Math.round(seconds)} s`).join(' and ');
    const why = attempts[0]?.failure ?? 'it was not run';
    return verdict === 'PASSED' ? `PASSED: ${name}, ${took}` : `${verdict}: ${name} (${why})`;
  };
  return (['PASSED', 'FLAKY', 'FAILED'] as const).flatMap((verdict) =>
    [...results]
      .filter(([, attempts]) => verdictOf(attempts) === verdict)
      .map(([name, attempts]) => line(verdict, name, attempts)),
  );
}

/** Of what Jest writes with --json: the members that tell what failed. */
export interface JestResult {
  success: boolean;
  testResults: {
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] | null }[];
  }[];
}

const LONGEST_LINE = 240;

/** How Jest ended: its exit code, the signal that ended it, or why it could not be started. */
export type JestEnd = number | NodeJS.Signals | Error;

/** What failed first in one line; undefined when at least one test has passed, and Jest says in every way that all is well. */
export function failureOf(end: JestEnd, result: JestResult | undefined): string | undefined {
  if (end instanceof Error) return `Jest could not be started: ${end.message}`;
  if (!result) return `Jest ended with ${end} and wrote no result`;
  return firstFailure(result) ?? (end === 0 ? undefined : `no test failed, and Jest ended with ${end}`);
}

function firstFailure({ success, testResults }: JestResult): string | undefined {
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (success && assertions.some(({ status }) => status === 'passed')) return undefined;
  for (const { assertionResults, message } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed) return oneLine(`${failed.fullName}: ${failed.failureMessages?.[0] ?? 'no message'}`);
    // As when the file cannot be read, or its clusters cannot be taken down.
    if (message) return oneLine(message);
  }
  return success || assertions.length === 0 ? 'Jest ran no test' : 'Jest says that it failed, and not why';
}

function oneLine(text: string): string {
  const words = text.replace(/\x1b\[[0-9;]*m/g, '').replace(/\n +at .*/g, '');
  const line = words.trim().replace(/\s+/g, ' ');
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} ...` : line;
}
