import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The file that only-one-reporter.js writes while a single test file runs. */
const FILE = process.env['LAB_ONLY_ONE'];
/** The next file begins at once where one ends. */
const SETTLED_MS = 3_000;

const LIMIT_MS = 900_000;

/**
 * Until no other test file runs, or for 15 minutes: for a measurement, which on two cores would tell of the clusters of other tests. For one
 * test file only: two would wait for each other.
 * @returns whether it is quiet
 */
export async function quiet(): Promise<boolean> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await delay(500)) {
    const since = FILE === undefined ? 0 : statSync(FILE, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > SETTLED_MS) return true;
  }
  return false;
}
