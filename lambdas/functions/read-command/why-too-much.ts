/** Bytes of one answer. SSM keeps 24,000 characters, and scripts print ASCII but for paths. */
export const MOST_ANSWER_BYTES = 24_000;
/** A certificate of a renewal is four levels down; more is nothing that a script prints. */
export const MOST_LEVELS = 10;
/** Values in one answer, the empty ones too: what JSON of that size may hold is far more than what a script has to say. */
const MOST_VALUES = 5_000;

/**
 * Why an answer is not passed on, as half a sentence; undefined where it may be. Whatever reads it later (a state's expressions, zod, a
 * Lambda's runtime) walks through it by recursion, so its depth would end the whole operation there; here it ends its own node's part.
 */
export function whyTooMuch(json: string, value: unknown): string | undefined {
  const bytes = Buffer.byteLength(json);
  if (bytes > MOST_ANSWER_BYTES) return `has ${bytes} bytes, at most ${MOST_ANSWER_BYTES} are expected`;
  let values = 0;
  for (let level = [value], depth = 1; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS) return `nests deeper than the ${MOST_LEVELS} levels that are expected`;
    values += level.length;
    if (values > MOST_VALUES) return `has more than the ${MOST_VALUES} values that are expected`;
    level = level.flatMap((inner) => (inner !== null && typeof inner === 'object' ? Object.values(inner) : []));
  }
  return undefined;
}
