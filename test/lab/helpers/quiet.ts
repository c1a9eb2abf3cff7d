import { statSync } from 'node:fs';
import { until } from '../../operations/helpers/world';

/** The file that only-one-reporter.js writes while a single test file runs. */
const FILE = process.env['LAB_ONLY_ONE'];
/** The next file begins at once where one ends. */
const SETTLED_MS = 3_000;

/** Until no other test file runs: for a measurement, which on two cores would tell of the clusters of other tests. At once where Jest was started by hand. */
export async function quiet(): Promise<void> {
  if (FILE === undefined) return;
  await until(
    'the other test files have ended',
    () => {
      const since = statSync(FILE, { throwIfNoEntry: false })?.mtimeMs;
      return since !== undefined && Date.now() - since > SETTLED_MS;
    },
    3_600,
  );
}
