import { RESULT_MARKER } from '../contracts/run-on-nodes';

export type ResultLine =
  | { kind: 'found'; value: Record<string, unknown> }
  /** There is no marked line. */
  | { kind: 'none' }
  /** There is one, and it is no JSON object: cut off by SSM's limit, or garbled. */
  | { kind: 'garbled'; length: number };

/** SSM keeps the first 24,000 characters of stdout. */
export const MOST_STDOUT = 24_000;

/** The first line that begins with the marker. Everything else on stdout is left alone: the agent adds text of its own. */
export function findResultLine(stdout: string): ResultLine {
  const line = stdout.split(/\r?\n/).find((text) => text.startsWith(RESULT_MARKER));
  if (line === undefined) return { kind: 'none' };
  const json = line.slice(RESULT_MARKER.length);
  try {
    const value: unknown = JSON.parse(json);
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return { kind: 'found', value: value as Record<string, unknown> };
  } catch {
    // Falls through: whatever is wrong with it, it is not a result.
  }
  return { kind: 'garbled', length: json.length };
}
